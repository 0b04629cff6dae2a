// A testee on Boost.Beast: beast_client URL AGENT. permessage-deflate is off by default.

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <iostream>
#include <string>

namespace websocket = boost::beast::websocket;
using boost::asio::ip::tcp;

// One connection until it is closed; the last message.
static std::string play(const std::string &address, const std::string &path, bool echoes) {
    const auto colon = address.rfind(':');
    boost::asio::io_context context;
    websocket::stream<tcp::socket> stream(context);
    websocket::permessage_deflate deflate;
    deflate.client_enable = true;
    stream.set_option(deflate);
    boost::beast::error_code error;
    auto found = tcp::resolver(context).resolve(address.substr(0, colon), address.substr(colon + 1), error);
    if (!error)
        boost::asio::connect(stream.next_layer(), found, error);
    if (!error)
        stream.handshake(address, path, error);
    std::string last;
    while (!error) {
        boost::beast::flat_buffer message;
        stream.read(message, error);
        if (error)
            break;
        last = boost::beast::buffers_to_string(message.data());
        stream.binary(stream.got_binary());
        if (echoes)
            stream.write(message.data(), error);
    }
    if (error != websocket::error::closed)
        std::cerr << path << ": " << error.message() << "\n";
    return last;
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    const std::string address = std::string(argv[1]).substr(std::string("ws://").size()), agent = argv[2];
    const int count = std::stoi(play(address, "/getCaseCount", false));
    for (int i = 1; i <= count; i++)
        play(address, "/runCase?case=" + std::to_string(i) + "&agent=" + agent, true);
    play(address, "/updateReports?agent=" + agent, false);
}
