// Echo server on nhooyr.io/websocket: nhooyr_server PORT.
package main

import (
	"log"
	"net/http"
	"os"
	"unicode/utf8"

	"nhooyr.io/websocket"
)

func echo(response http.ResponseWriter, request *http.Request) {
	connection, err := websocket.Accept(response, request, nil)
	if err != nil {
		return
	}
	defer connection.Close(websocket.StatusInternalError, "")
	// The default of 32768 would keep every message with a length of 64 bits out.
	connection.SetReadLimit(1 << 20)
	for {
		kind, message, err := connection.Read(request.Context())
		if err != nil {
			return
		}
		if kind == websocket.MessageText && !utf8.Valid(message) {
			// The library leaves it to the application to validate text.
			connection.Close(websocket.StatusInvalidFramePayloadData, "")
			return
		}
		if err := connection.Write(request.Context(), kind, message); err != nil {
			return
		}
	}
}

func main() {
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], http.HandlerFunc(echo)))
}
