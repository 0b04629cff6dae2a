// Echo server on WebSocket++: websocketpp_server PORT. permessage-deflate is off unless the configuration names it.

#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/extensions/permessage_deflate/enabled.hpp>
#include <websocketpp/server.hpp>

struct config : websocketpp::config::asio {
    typedef config type;
    typedef websocketpp::config::asio base;
    struct permessage_deflate_config {};
    typedef websocketpp::extensions::permessage_deflate::enabled<permessage_deflate_config> permessage_deflate_type;
};

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    typedef websocketpp::server<config> echo_server;
    echo_server server;
    server.clear_access_channels(websocketpp::log::alevel::all);
    server.init_asio();
    server.set_reuse_addr(true);
    server.set_message_handler([&](websocketpp::connection_hdl connection, echo_server::message_ptr message) {
        websocketpp::lib::error_code error;
        server.send(connection, message->get_payload(), message->get_opcode(), error);
    });
    server.listen("127.0.0.1", argv[1]);
    server.start_accept();
    server.run();
}
