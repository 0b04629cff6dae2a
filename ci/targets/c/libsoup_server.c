/* Echo server on libsoup 3: libsoup_server PORT. */

#include <libsoup/soup.h>
#include <stdlib.h>

static void on_message(SoupWebsocketConnection *connection, gint type, GBytes *message, gpointer data) {
    soup_websocket_connection_send_message(connection, type, message);
}

static void on_closed(SoupWebsocketConnection *connection, gpointer data) {
    g_object_unref(connection);
}

static void on_connection(SoupServer *server, SoupServerMessage *request, const char *path,
                          SoupWebsocketConnection *connection, gpointer data) {
    g_object_ref(connection);
    g_signal_connect(connection, "message", G_CALLBACK(on_message), NULL);
    g_signal_connect(connection, "closed", G_CALLBACK(on_closed), NULL);
}

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    SoupServer *server = soup_server_new(NULL, NULL);
    soup_server_add_websocket_handler(server, "/", NULL, NULL, on_connection, NULL, NULL);
    GError *error = NULL;
    if (!soup_server_listen_local(server, atoi(argv[1]), SOUP_SERVER_LISTEN_IPV4_ONLY, &error)) {
        g_printerr("%s\n", error->message);
        return 1;
    }
    g_main_loop_run(g_main_loop_new(NULL, FALSE));
}
