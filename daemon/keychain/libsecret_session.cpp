#include "daemon/keychain/libsecret_session.h"

#include <gio/gio.h>
#include <libsecret/secret.h>

namespace keybearer::keychain {
namespace {

GDBusConnection* held = nullptr; // main thread only

void onBus(GObject* /*source*/, GAsyncResult* result, gpointer /*data*/) {
    GDBusConnection* connection = g_bus_get_finish(result, nullptr);
    if (connection != nullptr) {
        g_dbus_connection_set_exit_on_close(connection, FALSE);
    }
    g_clear_object(&held);
    held = connection;
}

} // namespace

void renewLibsecretSession() {
    secret_service_disconnect();
    g_clear_object(&held);
    g_bus_get(G_BUS_TYPE_SESSION, nullptr, &onBus, nullptr);
}

bool libsecretIsCutOff() {
    return held != nullptr && g_dbus_connection_is_closed(held) == TRUE;
}

} // namespace keybearer::keychain
