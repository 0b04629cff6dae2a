// Echo server on nhooyr.io/websocket: nhooyr_server PORT.
package main

import (
	"log"
	"net/http"
	"os"

	"nhooyr.io/websocket"
)

func echo(response http.ResponseWriter, request *http.Request) {
	connection, err := websocket.Accept(response, request, nil)
	if err != nil {
		return
	}
	defer connection.Close(websocket.StatusInternalError, "")
	for {
		kind, message, err := connection.Read(request.Context())
		if err != nil {
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
