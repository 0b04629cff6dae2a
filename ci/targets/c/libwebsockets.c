/* Echo server on libwebsockets: libwebsockets PORT. What arrives is queued, piece by piece, until it can be written. */

#include <libwebsockets.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct piece {
    struct piece *next;
    size_t len;
    enum lws_write_protocol flags;
    unsigned char octets[]; /* LWS_PRE octets that the library asks for, then the payload. */
};

struct session {
    struct piece *first;
    struct piece **last;
};

static int enqueue(struct lws *wsi, struct session *session, const void *octets, size_t len) {
    struct piece *piece = malloc(sizeof *piece + LWS_PRE + len);
    if (!piece)
        return -1;
    int kind = lws_frame_is_binary(wsi) ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
    piece->next = NULL;
    piece->len = len;
    piece->flags = lws_write_ws_flags(kind, lws_is_first_fragment(wsi), lws_is_final_fragment(wsi));
    memcpy(piece->octets + LWS_PRE, octets, len);
    *session->last = piece;
    session->last = &piece->next;
    return lws_callback_on_writable(wsi) < 0 ? -1 : 0;
}

static void dequeue(struct session *session) {
    struct piece *piece = session->first;
    session->first = piece->next;
    if (!session->first)
        session->last = &session->first;
    free(piece);
}

static int echo(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len) {
    struct session *session = user;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        session->first = NULL;
        session->last = &session->first;
        return 0;
    case LWS_CALLBACK_RECEIVE:
        return enqueue(wsi, session, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        if (!session->first)
            return 0;
        if (lws_write(wsi, session->first->octets + LWS_PRE, session->first->len, session->first->flags) < 0)
            return -1;
        dequeue(session);
        if (session->first)
            lws_callback_on_writable(wsi);
        return 0;
    case LWS_CALLBACK_CLOSED:
        while (session->first)
            dequeue(session);
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "echo", .callback = echo, .per_session_data_size = sizeof(struct session)},
    {0},
};

static const struct lws_extension extensions[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate; client_max_window_bits"},
    {0},
};

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    lws_set_log_level(LLL_ERR, NULL);
    struct lws_context_creation_info info = {0};
    info.port = atoi(argv[1]);
    info.iface = "lo";
    info.protocols = protocols;
    info.extensions = extensions;
    info.options = LWS_SERVER_OPTION_DISABLE_IPV6 | LWS_SERVER_OPTION_VALIDATE_UTF8;
    struct lws_context *context = lws_create_context(&info);
    if (!context)
        return 1;
    while (lws_service(context, 0) >= 0)
        ;
    return 0;
}
