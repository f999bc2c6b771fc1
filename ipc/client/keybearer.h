#ifndef KEYBEARER_H
#define KEYBEARER_H
/** \file
 *  The C face of the Keybearer client. Every function is safe to call from any thread; one connection serves one call
 *  at a time. Strings are UTF-8. What a function hands out through a `char**` is freed with keybearer_free(), which
 *  wipes it first.
 */

#ifdef __cplusplus
extern "C" {
#endif

typedef struct keybearer_connection keybearer_connection;

/** Connects to this user's broker and starts it when none runs: the one beside the program, of the library's own
 *  installation (PREFIX/bin), or where packages put it. Returns NULL on failure; then *error, where error is not NULL,
 *  is a JSON object {"kind": ..., "message": ..., "data": {...}, "exit_code": ...}. */
keybearer_connection* keybearer_connect(char** error);

/** Calls a method of PROTOCOL.md. `params` is a JSON object, or NULL for none. Returns 0 and the result object as JSON
 *  in *result, or the exit code of PROTOCOL.md's error table and the error object in *error (either may be NULL). */
int keybearer_call(keybearer_connection* connection, const char* method, const char* params, int timeout_ms,
                   char** result, char** error);

/** The common case in one call: an access token of an account, good for `min_valid` seconds (0: the broker's default).
 *  Returns as keybearer_call() does; *token is the bare token. */
int keybearer_token(keybearer_connection* connection, const char* account, int min_valid, char** token, char** error);

/** A provider's key in one call: `field` of the credential that credential.resolve gives, this process's environment
 *  among its places. Returns as keybearer_call() does; *value is the bare value. */
int keybearer_resolve(keybearer_connection* connection, const char* provider, const char* field, char** value,
                      char** error);

/** A member of an error object as text: "message", the sentence for the person, "kind", or "exit_code", what a
 *  command-line program should exit with. NULL where there is none. */
char* keybearer_error_member(const char* error, const char* member);

/** The version of the library that runs, as "0.1.0". It stays the library's. */
const char* keybearer_version(void);

/** Closes the connection; NULL is allowed. */
void keybearer_close(keybearer_connection* connection);

/** Wipes and frees a string that came from here; NULL is allowed. */
void keybearer_free(char* text);

#ifdef __cplusplus
}
#endif
#endif
