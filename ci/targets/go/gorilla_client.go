// A testee on gorilla/websocket: gorilla_client URL AGENT.
package main

import (
	"fmt"
	"log"
	"os"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

var dialer = websocket.Dialer{EnableCompression: true}

func caseCount(base string) int {
	connection, _, err := dialer.Dial(base+"/getCaseCount", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	_, text, err := connection.ReadMessage()
	if err != nil {
		log.Fatal(err)
	}
	count, err := strconv.Atoi(string(text))
	if err != nil {
		log.Fatal(err)
	}
	return count
}

func echo(url string) {
	connection, _, err := dialer.Dial(url, nil)
	if err != nil {
		log.Print(err)
		return
	}
	defer connection.Close()
	for {
		kind, message, err := connection.ReadMessage()
		if err != nil {
			return
		}
		if kind == websocket.TextMessage && !utf8.Valid(message) {
			// The library leaves it to the application to validate text.
			reason := websocket.FormatCloseMessage(websocket.CloseInvalidFramePayloadData, "")
			connection.WriteControl(websocket.CloseMessage, reason, time.Now().Add(time.Second))
			return
		}
		if err := connection.WriteMessage(kind, message); err != nil {
			return
		}
	}
}

func main() {
	base, agent := os.Args[1], os.Args[2]
	for i, count := 1, caseCount(base); i <= count; i++ {
		echo(fmt.Sprintf("%s/runCase?case=%d&agent=%s", base, i, agent))
	}
	echo(base + "/updateReports?agent=" + agent)
}
