// A testee on Qt WebSockets: qt_client URL AGENT.

#include <QCoreApplication>
#include <QEventLoop>
#include <QWebSocket>

// One connection until it is closed; the last text.
static QString play(const QString &url, bool echoes) {
    QString last;
    QWebSocket socket;
    QEventLoop loop;
    QObject::connect(&socket, &QWebSocket::textMessageReceived, [&](const QString &message) {
        last = message;
        if (echoes)
            socket.sendTextMessage(message);
    });
    QObject::connect(&socket, &QWebSocket::binaryMessageReceived, [&](const QByteArray &message) {
        if (echoes)
            socket.sendBinaryMessage(message);
    });
    QObject::connect(&socket, &QWebSocket::disconnected, &loop, &QEventLoop::quit);
    socket.open(QUrl(url));
    loop.exec();
    return last;
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    QCoreApplication application(argc, argv);
    const QString base = argv[1], agent = argv[2];
    const int count = play(base + "/getCaseCount", false).toInt();
    for (int i = 1; i <= count; i++)
        play(QString("%1/runCase?case=%2&agent=%3").arg(base).arg(i).arg(agent), true);
    play(base + "/updateReports?agent=" + agent, false);
    return count > 0 ? 0 : 1;
}
