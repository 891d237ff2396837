/* `python` of a runtime: starts a program with the words of WORDS before its own arguments. In them, `{folder}` is the
   folder of this executable and `{name}` is the name by which it was called. It finds the folder through /proc, so the
   folder can be moved. */
#define _GNU_SOURCE
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static const char *const words[] = {WORDS};
enum { COUNT = sizeof words / sizeof *words };

static char folder[PATH_MAX];
static const char *name;

static void fail(const char *what) {
    perror(what);
    exit(127);
}

/* Returns a word with the folder and the name filled in. */
static char *fill(const char *word) {
    const char *start = strchr(word, '{'), *end = start ? strchr(start, '}') : NULL;
    if (!end)
        return strdup(word);
    const char *value = start[1] == 'f' ? folder : name;
    char *text;
    if (asprintf(&text, "%.*s%s%s", (int)(start - word), word, value, fill(end + 1)) < 0)
        fail(word);
    return text;
}

int main(int argc, char **argv) {
    ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
    if (length < 0)
        fail("/proc/self/exe");
    *strrchr(folder, '/') = 0;

    /* The interpreter looks for its library beside the file that argv[0] names. A caller may give another name;
       the kernel then knows the path. It does not in a script with `#!`, where argv[0] is right. */
    name = argc > 0 && strchr(argv[0], '/') ? argv[0] : (const char *)getauxval(AT_EXECFN);

#ifdef COERCE
    /* The interpreter would lose arguments that are not ASCII. CPython sets the same variable, see PEP 538. */
    const char *all = getenv("LC_ALL"), *locale = setlocale(LC_CTYPE, "");
    if ((!all || !*all) && locale && !strcmp(locale, "C"))
        setenv("LC_CTYPE", "C.UTF-8", 1);
#endif

    char *command[COUNT + argc + 1];
    int count = 0;
    for (; count < COUNT; count++)
        command[count] = fill(words[count]);
    for (int i = 1; i < argc; i++)
        command[count++] = argv[i];
    command[count] = NULL;
    execv(command[0], command);
    perror(command[0]);
    return 127;
}
