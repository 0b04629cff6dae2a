// Echo server on golang.org/x/net/websocket: xnet_server PORT. Its frames are its messages: fragments stay apart.
package main

import (
	"log"
	"net/http"
	"os"

	"golang.org/x/net/websocket"
)

type frame struct {
	payload []byte
	kind    byte
}

var codec = websocket.Codec{
	Marshal: func(value interface{}) ([]byte, byte, error) {
		frame := value.(*frame)
		return frame.payload, frame.kind, nil
	},
	Unmarshal: func(payload []byte, kind byte, value interface{}) error {
		*value.(*frame) = frame{payload, kind}
		return nil
	},
}

func echo(connection *websocket.Conn) {
	var message frame
	for codec.Receive(connection, &message) == nil {
		if codec.Send(connection, &message) != nil {
			return
		}
	}
}

func main() {
	// A Server, unlike a bare Handler, takes requests without an Origin.
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], websocket.Server{Handler: echo}))
}
