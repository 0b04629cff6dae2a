/* A testee on libsoup 3: libsoup_client URL AGENT. */

#include <libsoup/soup.h>
#include <stdlib.h>

struct run {
    GMainLoop *loop;
    gboolean echoes;
    char *last_text;
};

static void on_message(SoupWebsocketConnection *connection, gint type, GBytes *message, gpointer data) {
    struct run *run = data;
    if (run->echoes) {
        soup_websocket_connection_send_message(connection, type, message);
    } else {
        gsize len;
        const char *text = g_bytes_get_data(message, &len);
        g_free(run->last_text);
        run->last_text = g_strndup(text, len);
    }
}

static void on_closed(SoupWebsocketConnection *connection, gpointer data) {
    struct run *run = data;
    g_object_unref(connection);
    g_main_loop_quit(run->loop);
}

static void on_connected(GObject *session, GAsyncResult *result, gpointer data) {
    struct run *run = data;
    GError *error = NULL;
    SoupWebsocketConnection *connection = soup_session_websocket_connect_finish(SOUP_SESSION(session), result, &error);
    if (!connection) {
        g_printerr("%s\n", error->message);
        g_error_free(error);
        g_main_loop_quit(run->loop);
        return;
    }
    g_signal_connect(connection, "message", G_CALLBACK(on_message), run);
    g_signal_connect(connection, "closed", G_CALLBACK(on_closed), run);
}

/* One connection until it is closed; the last text that came, where nothing is echoed. */
static char *play(SoupSession *session, char *url, gboolean echoes) {
    struct run run = {g_main_loop_new(NULL, FALSE), echoes, NULL};
    SoupMessage *request = soup_message_new(SOUP_METHOD_GET, url);
    soup_session_websocket_connect_async(session, request, NULL, NULL, G_PRIORITY_DEFAULT, NULL, on_connected, &run);
    g_main_loop_run(run.loop);
    g_main_loop_unref(run.loop);
    g_object_unref(request);
    g_free(url);
    return run.last_text;
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    SoupSession *session = soup_session_new();
    char *count = play(session, g_strdup_printf("%s/getCaseCount", argv[1]), FALSE);
    for (int i = 1; count && i <= atoi(count); i++)
        play(session, g_strdup_printf("%s/runCase?case=%d&agent=%s", argv[1], i, argv[2]), TRUE);
    play(session, g_strdup_printf("%s/updateReports?agent=%s", argv[1], argv[2]), FALSE);
    return count ? 0 : 1;
}
