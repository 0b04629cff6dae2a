// A testee on WebSocket++: websocketpp_client URL AGENT.

#include <iostream>
#include <string>
#include <websocketpp/client.hpp>
#include <websocketpp/config/asio_no_tls_client.hpp>

typedef websocketpp::client<websocketpp::config::asio_client> echo_client;

// One connection until it is closed; the last message, where nothing is echoed.
static std::string play(const std::string &url, bool echoes) {
    std::string last;
    echo_client client;
    client.clear_access_channels(websocketpp::log::alevel::all);
    client.clear_error_channels(websocketpp::log::elevel::all);
    client.init_asio();
    client.set_message_handler([&](websocketpp::connection_hdl connection, echo_client::message_ptr message) {
        websocketpp::lib::error_code error;
        if (echoes)
            client.send(connection, message->get_payload(), message->get_opcode(), error);
        else
            last = message->get_payload();
    });
    websocketpp::lib::error_code error;
    auto connection = client.get_connection(url, error);
    if (error) {
        std::cerr << error.message() << "\n";
        return last;
    }
    client.connect(connection);
    client.run();
    return last;
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    const std::string base = argv[1], agent = argv[2];
    const int count = std::stoi(play(base + "/getCaseCount", false));
    for (int i = 1; i <= count; i++)
        play(base + "/runCase?case=" + std::to_string(i) + "&agent=" + agent, true);
    play(base + "/updateReports?agent=" + agent, false);
}
