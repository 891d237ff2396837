/* The native hook: a shared object for LD_PRELOAD. It adds an audit hook before Python is initialized, so it sees the
 * events of start-up and shutdown that no hook written in Python sees.
 *
 * AUDIT578_NATIVE names the report. The hook adds a line for each event, as the agent does, and a last one when the
 * process ends in order. AUDIT578_VETO names the event at which the hook raises. PROTOCOL.md describes the lines.
 *
 * One binary serves every Python and every C library of an architecture. So it is linked to no library: a linker would
 * ask for the newest version of the one that it finds. And it includes no header of a library: these rename functions.
 * The functions below have the same names and prototypes in glibc, in musl and in every Python. The process that loads
 * the hook has them.
 */
#include <stdarg.h>
#include <stddef.h>

/* Of the C library. */
char *getenv(const char *name);
int getpid(void);
int open(const char *path, int flags, ...);
int strcmp(const char *one, const char *other);
char *strdup(const char *text);
size_t strlen(const char *text);
int unsetenv(const char *name);
int vsnprintf(char *text, size_t room, const char *format, va_list values);
long write(int file, const void *bytes, size_t size);

/* The flags of `open` on Linux. */
enum { WRITE_ONLY = 01, CREATE = 0100, APPEND = 02000, CLOSE_ON_EXEC = 02000000 };

/* Of Python's C API. A weak symbol is null in a process that does not export it. */
#define PYTHON extern __attribute__((weak))
typedef struct object Object;
typedef int (*Hook)(const char *event, Object *args, void *data);
PYTHON int PySys_AddAuditHook(Hook, void *data);
PYTHON Object *PyObject_Type(Object *);
PYTHON void Py_DecRef(Object *);
PYTHON long PyTuple_Size(Object *);
PYTHON Object *PyTuple_GetItem(Object *, long index);
PYTHON const char *PyUnicode_AsUTF8AndSize(Object *, long *length);
PYTHON int PyBytes_AsStringAndSize(Object *, char **bytes, long *length);
PYTHON long long PyLong_AsLongLong(Object *);
PYTHON void PyErr_SetString(Object *type, const char *message);
PYTHON Object *PyErr_Occurred(void);
PYTHON void PyErr_Clear(void);
PYTHON Object PyUnicode_Type, PyBytes_Type, PyLong_Type, PyBool_Type, PyTuple_Type, PyList_Type, PyDict_Type;
PYTHON Object _Py_NoneStruct, _Py_TrueStruct;
PYTHON Object *PyExc_RuntimeError;

static int report = -1;
static const char *vetoed;
static int home;

/* Longer texts, longer tuples and deeper values are described by their type alone. */
enum { LENGTH = 4096, ITEMS = 16, DEPTH = 4 };

/* A line of the report. A bare line describes all values by their type alone. */
typedef struct {
    char text[1 << 16];
    size_t used;
    int is_bare, is_full;
} Line;

static void put(Line *line, const char *format, ...) {
    va_list rest;
    va_start(rest, format);
    size_t room = sizeof line->text - line->used;
    int size = vsnprintf(line->text + line->used, room, format, rest);
    va_end(rest);
    if (size < 0 || (size_t)size >= room)
        line->is_full = 1;
    else
        line->used += (size_t)size;
}

static void send(const Line *line) {
    for (size_t done = 0; done < line->used;) {
        long some = write(report, line->text + done, line->used - done);
        if (some <= 0)
            break;
        done += (size_t)some;
    }
}

/* Puts a text as a JSON string. Each byte becomes the character with that number. */
static void put_string(Line *line, const char *text, long length, int is_utf8) {
    put(line, "\"");
    for (long index = 0; index < length; index++) {
        unsigned char byte = (unsigned char)text[index];
        if (byte == '"' || byte == '\\')
            put(line, "\\%c", byte);
        else if (byte < 32 || byte == 127 || (byte > 127 && !is_utf8))
            put(line, "\\u%04x", byte);
        else
            put(line, "%c", byte);
    }
    put(line, "\"");
}

static void put_value(Line *line, Object *value, int depth);

static void put_content(Line *line, Object *type, Object *value, int depth) {
    char *bytes;
    const char *text;
    long length;
    if (line->is_bare)
        return;
    if (type == &PyBool_Type) {
        put(line, ",\"value\":%s", value == &_Py_TrueStruct ? "true" : "false");
    } else if (type == &PyLong_Type) {
        long long number = PyLong_AsLongLong(value);
        if (!PyErr_Occurred())
            put(line, ",\"value\":%lld", number);
    } else if (type == &PyUnicode_Type && (text = PyUnicode_AsUTF8AndSize(value, &length)) && length <= LENGTH) {
        put(line, ",\"value\":");
        put_string(line, text, length, 1);
    } else if (type == &PyBytes_Type && PyBytes_AsStringAndSize(value, &bytes, &length) == 0 && length <= LENGTH) {
        put(line, ",\"value\":");
        put_string(line, bytes, length, 0);
    } else if (type == &PyTuple_Type && depth < DEPTH && (length = PyTuple_Size(value)) <= ITEMS) {
        put(line, ",\"value\":[");
        for (long index = 0; index < length; index++) {
            put(line, index ? "," : "");
            put_value(line, PyTuple_GetItem(value, index), depth + 1);
        }
        put(line, "]");
    }
    PyErr_Clear();            /* from a number that is too large, or a text with surrogates */
}

/* Writes the type of a value, and its content if JSON can carry it. Types that are not listed here are called `object`. */
static void put_value(Line *line, Object *value, int depth) {
    Object *type = PyObject_Type(value);
    Py_DecRef(type);          /* the value keeps it alive */
    const char *name = value == &_Py_NoneStruct ? "NoneType"
                       : type == &PyBool_Type   ? "bool"
                       : type == &PyLong_Type   ? "int"
                       : type == &PyUnicode_Type? "str"
                       : type == &PyBytes_Type  ? "bytes"
                       : type == &PyTuple_Type  ? "tuple"
                       : type == &PyList_Type   ? "list"
                       : type == &PyDict_Type   ? "dict"
                                                : "object";
    put(line, "{\"type\":\"%s\"", name);
    put_content(line, type, value, depth);
    put(line, "}");
}

static void put_event(Line *line, const char *event, Object *args) {
    put(line, "{\"event\":{\"name\":");
    put_string(line, event, (long)strlen(event), 1);
    put(line, ",\"args\":[");
    for (long index = 0; args && index < PyTuple_Size(args); index++) {
        put(line, index ? "," : "");
        put_value(line, PyTuple_GetItem(args, index), 0);
    }
    put(line, "]}}\n");
}

static int hook(const char *event, Object *args, void *data) {
    (void)data;
    if (getpid() != home)
        return 0;
    Line line = {.used = 0};
    put_event(&line, event, args);
    if (line.is_full) {
        line.used = 0;
        line.is_bare = 1;
        put_event(&line, event, args);
    }
    send(&line);
    if (vetoed && strcmp(event, vetoed) == 0) {
        PyErr_SetString(PyExc_RuntimeError, "vetoed by audit578");
        return -1;
    }
    return 0;
}

static void say(const char *text) {
    Line line = {.used = 0};
    put(&line, "%s", text);
    send(&line);
}

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("AUDIT578_NATIVE");
    if (!path || !PySys_AddAuditHook)     /* the newest of the functions: who has it has the others */
        return;
    int file = open(path, WRITE_ONLY | CREATE | APPEND | CLOSE_ON_EXEC, 0600);
    if (file < 0 || PySys_AddAuditHook(hook, NULL) < 0)
        return;
    const char *name = getenv("AUDIT578_VETO");
    report = file;
    vetoed = name ? strdup(name) : NULL;
    home = getpid();
    say("{\"agent\":1}\n{\"native\":true}\n");
    /* Processes that the interpreter starts are not watched. */
    unsetenv("AUDIT578_NATIVE");
    unsetenv("AUDIT578_VETO");
    unsetenv("LD_PRELOAD");
}

__attribute__((destructor)) static void end(void) {
    if (report >= 0 && getpid() == home)
        say("{\"end\":true}\n");
}
