"""Patches the source of CPython so that places that raise an audit event can be changed from outside.

Usage: python3 instrument.py SOURCE. The interpreter built from it reads these variables, once:

AUDIT_SITES_LOG   if set, each place that raises an event is written to the file `sites` above the folder TMPDIR
AUDIT_SITES_MODE  `gone` raises nothing, `ignored` drops the hook's exception, `twice` raises the event a second time,
                  `argument N` raises it with another argument at this position, from 0
AUDIT_SITES       the places to which the mode applies, as the log names them: `,Modules/posixmodule.c:12,Lib/os.py:5,`
"""

import pathlib
import re
import sys

HEADER = """
/* Notes the place of a call before it raises its event. */
PyAPI_FUNC(void) _PyAuditSite_Set(const char *file, int line);
#define PySys_Audit(...) (_PyAuditSite_Set(__FILE__, __LINE__), PySys_Audit(__VA_ARGS__))
#define PySys_AuditTuple(...) (_PyAuditSite_Set(__FILE__, __LINE__), PySys_AuditTuple(__VA_ARGS__))
"""

INTERNAL = """
#define _PySys_Audit(...) (_PyAuditSite_Set(__FILE__, __LINE__), _PySys_Audit(__VA_ARGS__))
"""

SITES = r"""
/* Written by tests/sites/instrument.py of audit578, for Python/sysmodule.c. */
#include "frameobject.h"
#include <fcntl.h>

static _Thread_local const char *site_file;
static _Thread_local int site_line;
static _Thread_local int changed_argument;

void
_PyAuditSite_Set(const char *file, int line)
{
    site_file = file;
    site_line = line;
}

/* Writes the place: of the C call, or of the Python code that calls sys.audit. */
static void
site_name(char *name, size_t size)
{
    const char *file = site_file ? site_file : "?";
    snprintf(name, size, "%s:%d", strncmp(file, "./", 2) ? file : file + 2, site_line);
    site_file = NULL;
}

static void
site_of_frame(void)
{
    static _Thread_local char name[400];
    PyFrameObject *frame = PyEval_GetFrame();
    if (!frame) {
        return;
    }
    PyCodeObject *code = PyFrame_GetCode(frame);
    const char *file = PyUnicode_AsUTF8(code->co_filename);
    const char *library = file ? strstr(file, "/Lib/") : NULL;
    char module[200];
    if (file && sscanf(file, "<frozen %199[^>]>", module) == 1) {
        for (char *dot = module; (dot = strchr(dot, '.')); *dot = '/') {
        }
        snprintf(name, sizeof name, "Lib/%s.py", module);
    }
    else {
        snprintf(name, sizeof name, "%s", library ? library + 1 : "script");
    }
    _PyAuditSite_Set(name, PyFrame_GetLineNumber(frame));
    Py_DECREF(code);
    PyErr_Clear();
}

static void
site_log(const char *site, const char *event)
{
    const char *folder = getenv("TMPDIR");
    char path[1000], line[1000];
    if (!folder) {
        return;
    }
    snprintf(path, sizeof path, "%s/../sites", folder);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file >= 0) {
        int length = snprintf(line, sizeof line, "%s %s\n", site, event);
        if (write(file, line, length) != length) {
            abort();
        }
        close(file);
    }
}

/* Puts another argument into the tuple, if the mode wants one of those that it has. */
static void
change_argument(PyObject **arguments)
{
    Py_ssize_t size = PyTuple_GET_SIZE(*arguments);
    if (changed_argument < 0 || changed_argument >= size) {
        return;
    }
    PyObject *other = PyTuple_New(size);
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *item = PyTuple_GET_ITEM(*arguments, i);
        PyTuple_SET_ITEM(other, i, i == changed_argument ? PyUnicode_FromString("another") : Py_NewRef(item));
    }
    Py_SETREF(*arguments, other);
}
"""

CHANGED = r"""
/* Written by tests/sites/instrument.py of audit578, for Python/sysmodule.c. */
static int
sys_audit_tstate(PyThreadState *ts, const char *event,
                 const char *argFormat, va_list vargs)
{
    static const char *log, *mode, *places;
    static int is_read;
    char site[500], listed[502];
    if (!is_read) {
        log = getenv("AUDIT_SITES_LOG");
        mode = getenv("AUDIT_SITES_MODE");
        places = getenv("AUDIT_SITES");
        is_read = 1;
    }
    site_name(site, sizeof site);
    if (log && ts && should_audit(ts->interp)) {
        int error = errno;
        site_log(site, event);
        errno = error;
    }
    changed_argument = -1;
    snprintf(listed, sizeof listed, ",%s,", site);
    if (!ts || !mode || !places || !strstr(places, listed)) {
        return sys_audit_unchanged(ts, event, argFormat, vargs);
    }
    if (!strcmp(mode, "gone")) {
        return 0;
    }
    if (!strcmp(mode, "ignored")) {
        PyObject *raised = _PyErr_GetRaisedException(ts);
        if (sys_audit_unchanged(ts, event, argFormat, vargs) < 0) {
            _PyErr_Clear(ts);
        }
        _PyErr_SetRaisedException(ts, raised);
        return 0;
    }
    if (!strcmp(mode, "twice")) {
        va_list again;
        va_copy(again, vargs);
        int res = sys_audit_unchanged(ts, event, argFormat, again);
        va_end(again);
        return res < 0 ? res : sys_audit_unchanged(ts, event, argFormat, vargs);
    }
    if (!strncmp(mode, "argument ", 9)) {
        changed_argument = atoi(mode + 9);
    }
    return sys_audit_unchanged(ts, event, argFormat, vargs);
}
"""


def replace(text, old, new):
    """Replace a text that must be there once."""
    if text.count(old) != 1:
        sys.exit("expected once, but found %d times: %s" % (text.count(old), old))
    return text.replace(old, new)


def change(path, edit):
    path.write_text(edit(path.read_text()))


def patch_header(text):
    text = re.sub(r"PyAPI_FUNC\(int\) (PySys_Audit(?:Tuple)?)\(", r"PyAPI_FUNC(int) (\1)(", text)
    place = text.index("#ifdef __cplusplus\n}")
    return text[:place] + HEADER + text[place:]


def patch_internal(text):
    text = replace(text, "extern int _PySys_Audit(", "extern int (_PySys_Audit)(")
    place = text.rindex("#ifdef __cplusplus\n}")
    return text[:place] + INTERNAL + text[place:]


def patch_sys(text):
    """Patch the functions that raise events. No line moves, so that the log names the lines of the release."""
    text = re.sub(r"^int\n(_?PySys_Audit(?:Tuple)?)\((PyThreadState|const)", r"int\n(\1)(\2", text, flags=re.M)
    # A call of one of these functions by another is no place of its own.
    text = replace(text, "return PySys_Audit(event, NULL);", "return (PySys_Audit)(event, NULL);")
    text = replace(text, 'return PySys_Audit(event, "O", args);', 'return (PySys_Audit)(event, "O", args);')
    text = replace(
        text,
        'int res = _PySys_Audit(tstate, event, "O", args);',
        'site_of_frame(); int res = (_PySys_Audit)(tstate, event, "O", args);',
    )
    text = replace(
        text, "\nstatic int\nsys_audit_tstate(", '#include "audit_sites.h"\nstatic int\nsys_audit_unchanged('
    )
    text = replace(text, "    /* Call global hooks\n", "    change_argument(&eventArgs); /* Call global hooks\n")
    return replace(text, "\nint\n(_PySys_Audit)(", '#include "audit_changed.h"\nint\n(_PySys_Audit)(')


def main():
    source = pathlib.Path(sys.argv[1])
    change(source / "Include/audit.h", patch_header)
    change(source / "Include/internal/pycore_audit.h", patch_internal)
    change(source / "Python/sysmodule.c", patch_sys)
    (source / "Python/audit_sites.h").write_text(SITES.lstrip())
    (source / "Python/audit_changed.h").write_text(CHANGED.lstrip())


main()
