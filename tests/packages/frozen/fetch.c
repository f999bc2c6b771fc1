/* A C program of another project. It is compiled with frozen/keybearer.h, too, which is the header of 0.1.0: what was
 * built against that must run with every libkeybearer-client.so.1. */
#include <keybearer.h>
#include <stdio.h>

int main(int count, char** arguments) {
    char* error = NULL;
    char* answer = NULL;
    keybearer_connection* broker = keybearer_connect(&error);
    int code = 8;
    if (broker != NULL && count == 2) {
        code = keybearer_token(broker, arguments[1], 0, &answer, &error);
    } else if (broker != NULL && count == 3) {
        code = keybearer_resolve(broker, arguments[1], arguments[2], &answer, &error);
    } else if (broker != NULL) {
        code = keybearer_call(broker, "system.hello", NULL, 0, &answer, &error);
    }
    if (code == 0) {
        puts(answer);
    } else {
        char* message = keybearer_error_member(error, "message");
        fprintf(stderr, "%s\n", message);
        keybearer_free(message);
    }
    keybearer_free(answer);
    keybearer_free(error);
    keybearer_close(broker);
    return code;
}
