// A testee on nhooyr.io/websocket: nhooyr_client URL AGENT.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"unicode/utf8"

	"nhooyr.io/websocket"
)

func caseCount(base string) int {
	connection, _, err := websocket.Dial(context.Background(), base+"/getCaseCount", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close(websocket.StatusNormalClosure, "")
	_, text, err := connection.Read(context.Background())
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
	connection, _, err := websocket.Dial(context.Background(), url, nil)
	if err != nil {
		log.Print(err)
		return
	}
	defer connection.Close(websocket.StatusNormalClosure, "")
	// The default of 32768 would keep every message with a length of 64 bits out.
	connection.SetReadLimit(1 << 20)
	for {
		kind, message, err := connection.Read(context.Background())
		if err != nil {
			return
		}
		if kind == websocket.MessageText && !utf8.Valid(message) {
			// The library leaves it to the application to validate text.
			connection.Close(websocket.StatusInvalidFramePayloadData, "")
			return
		}
		if err := connection.Write(context.Background(), kind, message); err != nil {
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
