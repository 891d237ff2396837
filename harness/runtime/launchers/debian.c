/* `python` of a runtime that debian.sh sets up: starts the interpreter with the C library in the same folder.
   It finds the folder through /proc, so the folder can be moved. LOADER, LIBRARIES and INTERPRETER are paths in it. */
#define _GNU_SOURCE
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#define FIRST 7 /* the number of words before the arguments of the interpreter */

static char folder[PATH_MAX];

/* Writes the path of a file in the folder. */
static char *locate(char *path, const char *name) {
    snprintf(path, 2 * PATH_MAX, "%s/%s", folder, name);
    return path;
}

int main(int argc, char **argv) {
    static char loader[2 * PATH_MAX], libraries[2 * PATH_MAX], interpreter[2 * PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
    if (length < 0) {
        perror("/proc/self/exe");
        return 127;
    }
    *strrchr(folder, '/') = 0;

    /* The interpreter looks for its library beside the file that argv[0] names. A caller may give another name;
       the kernel then knows the path. It does not in a script with `#!`, where argv[0] is right. */
    char *name = argc > 0 ? argv[0] : "";
    if (!strchr(name, '/'))
        name = (char *)getauxval(AT_EXECFN);

    char *words[FIRST + argc + 1];
    words[0] = locate(loader, LOADER);
    words[1] = "--inhibit-cache";
    words[2] = "--library-path";
    words[3] = locate(libraries, LIBRARIES);
    words[4] = "--argv0";
    words[5] = name;
    words[6] = locate(interpreter, INTERPRETER);
    int count = FIRST;
    for (int i = 1; i < argc; i++)
        words[count++] = argv[i];
    words[count] = NULL;
    execv(loader, words);
    perror(loader);
    return 127;
}
