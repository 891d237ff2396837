/* A process under musl that is a Python as far as the native hook can see: it exports the functions of the C API that
 * the hook uses, adds its audit hook as Python does, and raises one event with two arguments. */
#include <stddef.h>

typedef struct object Object;
struct object {
    Object *type;
    const char *text;
    Object *items[2];
};
typedef int (*Hook)(const char *event, Object *args, void *data);

Object PyUnicode_Type, PyBytes_Type, PyLong_Type, PyBool_Type, PyTuple_Type, PyList_Type, PyDict_Type;
Object _Py_NoneStruct, _Py_TrueStruct, PyExc_RuntimeError_object;
Object *PyExc_RuntimeError = &PyExc_RuntimeError_object;

static Hook added;
static int raised;

int PySys_AddAuditHook(Hook hook, void *data) {
    (void)data;
    added = hook;
    return 0;
}

Object *PyObject_Type(Object *object) { return object->type; }
void Py_DecRef(Object *object) { (void)object; }
long PyTuple_Size(Object *tuple) { return tuple ? 2 : -1; }
Object *PyTuple_GetItem(Object *tuple, long index) { return tuple->items[index]; }
int PyBytes_AsStringAndSize(Object *object, char **bytes, long *length) { (void)object, (void)bytes, (void)length; return -1; }
long long PyLong_AsLongLong(Object *object) { return object->text[0] - '0'; }
void PyErr_SetString(Object *type, const char *message) { raised = type == PyExc_RuntimeError && message != NULL; }
Object *PyErr_Occurred(void) { return NULL; }
void PyErr_Clear(void) {}

const char *PyUnicode_AsUTF8AndSize(Object *object, long *length) {
    for (*length = 0; object->text[*length];)
        ++*length;
    return object->text;
}

/* Ends with 0 if the hook was added and raised its exception at the event. */
int main(void) {
    Object name = {.type = &PyUnicode_Type, .text = "n\"a"}, number = {.type = &PyLong_Type, .text = "7"};
    Object args = {.type = &PyTuple_Type, .items = {&name, &number}};
    return added && added("os.mkdir", &args, NULL) == -1 && raised ? 0 : 1;
}
