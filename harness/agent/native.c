/* The native hook: a shared object for LD_PRELOAD. It adds an audit hook before Python is initialized, so it sees the
 * events of start-up and shutdown that no hook written in Python sees.
 *
 * AUDIT578_NATIVE names the report. The hook adds a line for each event, as the agent does, and a last one when the
 * process ends in order. AUDIT578_VETO names the event at which the hook raises. PROTOCOL.md describes the lines.
 *
 * The hook needs no header of Python. It uses functions of the C API that are the same in every version, and looks them
 * up when it is loaded. In a process that does not export them, it does nothing.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct object Object;
typedef int (*Hook)(const char *event, Object *args, void *data);

/* The functions and objects of the C API that the hook uses. */
static struct {
    int (*add_hook)(Hook, void *);
    void *(*type)(Object *);
    void (*forget)(void *);
    long (*length)(Object *);
    Object *(*item)(Object *, long);
    const char *(*text)(Object *, long *);
    int (*bytes)(Object *, char **, long *);
    long long (*integer)(Object *);
    void (*raise)(void *, const char *);
    void *(*error)(void);
    void (*clear)(void);
    void *string, *byte_string, *number, *boolean, *tuple, *list, *dict, *none, *yes;
    void **runtime_error;
} python;

static const struct {
    const char *name;
    void *where;
} symbols[] = {
    {"PySys_AddAuditHook", &python.add_hook},
    {"PyObject_Type", &python.type},
    {"Py_DecRef", &python.forget},
    {"PyTuple_Size", &python.length},
    {"PyTuple_GetItem", &python.item},
    {"PyUnicode_AsUTF8AndSize", &python.text},
    {"PyBytes_AsStringAndSize", &python.bytes},
    {"PyLong_AsLongLong", &python.integer},
    {"PyErr_SetString", &python.raise},
    {"PyErr_Occurred", &python.error},
    {"PyErr_Clear", &python.clear},
    {"PyUnicode_Type", &python.string},
    {"PyBytes_Type", &python.byte_string},
    {"PyLong_Type", &python.number},
    {"PyBool_Type", &python.boolean},
    {"PyTuple_Type", &python.tuple},
    {"PyList_Type", &python.list},
    {"PyDict_Type", &python.dict},
    {"_Py_NoneStruct", &python.none},
    {"_Py_TrueStruct", &python.yes},
    {"PyExc_RuntimeError", &python.runtime_error},
};

static int report = -1;
static const char *vetoed;
static pid_t home;

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
        ssize_t some = write(report, line->text + done, line->used - done);
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

static void put_content(Line *line, void *type, Object *value, int depth) {
    char *bytes;
    const char *text;
    long length;
    if (line->is_bare)
        return;
    if (type == python.boolean) {
        put(line, ",\"value\":%s", value == python.yes ? "true" : "false");
    } else if (type == python.number) {
        long long number = python.integer(value);
        if (!python.error())
            put(line, ",\"value\":%lld", number);
    } else if (type == python.string && (text = python.text(value, &length)) && length <= LENGTH) {
        put(line, ",\"value\":");
        put_string(line, text, length, 1);
    } else if (type == python.byte_string && python.bytes(value, &bytes, &length) == 0 && length <= LENGTH) {
        put(line, ",\"value\":");
        put_string(line, bytes, length, 0);
    } else if (type == python.tuple && depth < DEPTH && (length = python.length(value)) <= ITEMS) {
        put(line, ",\"value\":[");
        for (long index = 0; index < length; index++) {
            put(line, index ? "," : "");
            put_value(line, python.item(value, index), depth + 1);
        }
        put(line, "]");
    }
    python.clear();           /* from a number that is too large, or a text with surrogates */
}

/* Writes the type of a value, and its content if JSON can carry it. Types that are not listed here are called `object`. */
static void put_value(Line *line, Object *value, int depth) {
    void *type = python.type(value);
    python.forget(type);      /* the value keeps it alive */
    const char *name = value == python.none        ? "NoneType"
                       : type == python.boolean     ? "bool"
                       : type == python.number      ? "int"
                       : type == python.string      ? "str"
                       : type == python.byte_string ? "bytes"
                       : type == python.tuple       ? "tuple"
                       : type == python.list        ? "list"
                       : type == python.dict        ? "dict"
                                                    : "object";
    put(line, "{\"type\":\"%s\"", name);
    put_content(line, type, value, depth);
    put(line, "}");
}

static void put_event(Line *line, const char *event, Object *args) {
    put(line, "{\"event\":{\"name\":");
    put_string(line, event, (long)strlen(event), 1);
    put(line, ",\"args\":[");
    for (long index = 0; args && index < python.length(args); index++) {
        put(line, index ? "," : "");
        put_value(line, python.item(args, index), 0);
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
        python.raise(*python.runtime_error, "vetoed by audit578");
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
    if (!path)
        return;
    for (size_t index = 0; index < sizeof symbols / sizeof *symbols; index++) {
        void *found = dlsym(RTLD_DEFAULT, symbols[index].name);
        if (!found)
            return;
        memcpy(symbols[index].where, &found, sizeof found);
    }
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0 || python.add_hook(hook, NULL) < 0)
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
