/* The C face of the client, used from C: connects (and starts the broker), asks for the token of an account, or for the
 * FIELD of a PROVIDER, prints it. */
#include "ipc/client/keybearer.h"

#include <stdio.h>

int main(int argc, char** argv) {
    char* error = NULL;
    char* token = NULL;
    char* result = NULL;
    keybearer_connection* connection = keybearer_connect(&error);
    if (connection == NULL) {
        fprintf(stderr, "%s\n", error);
        keybearer_free(error);
        return 8;
    }
    int code = keybearer_call(connection, "system.hello", NULL, 5000, &result, &error);
    if (code == 0) {
        fprintf(stderr, "%s\n", result);
        code = argc > 2 ? keybearer_resolve(connection, argv[1], argv[2], &token, &error)
                        : keybearer_token(connection, argc > 1 ? argv[1] : "", 0, &token, &error);
    }
    if (code == 0) {
        puts(token);
    } else {
        fprintf(stderr, "%s\n", error);
    }
    keybearer_free(token);
    keybearer_free(result);
    keybearer_free(error);
    keybearer_close(connection);
    return code;
}
