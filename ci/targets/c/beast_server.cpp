// Echo server on Boost.Beast, a thread for each connection: beast_server PORT. permessage-deflate is off by default.

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <cstdlib>
#include <thread>

namespace websocket = boost::beast::websocket;
using boost::asio::ip::tcp;

static void echo(tcp::socket socket) {
    websocket::stream<tcp::socket> stream(std::move(socket));
    websocket::permessage_deflate deflate;
    deflate.server_enable = true;
    stream.set_option(deflate);
    boost::beast::error_code error;
    stream.accept(error);
    while (!error) {
        boost::beast::flat_buffer message;
        stream.read(message, error);
        if (error)
            return;
        stream.binary(stream.got_binary());
        stream.write(message.data(), error);
    }
}

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    boost::asio::io_context context;
    const auto address = boost::asio::ip::make_address("127.0.0.1");
    tcp::acceptor acceptor(context, {address, static_cast<unsigned short>(std::atoi(argv[1]))});
    for (;;)
        std::thread(echo, acceptor.accept()).detach();
}
