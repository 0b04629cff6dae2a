// Driver on gorilla/websocket (docs/drivers.md): gorilla PORT serves, gorilla URL connects once.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

type command struct {
	Do, Reason, Type       string
	Text                   *string
	Code                   *int
	Size, Tasks, Fragments int
	Count                  *int
	Ms                     int
	Then                   *command
}

func text(size int, begin string) []byte {
	return []byte((begin + strings.Repeat("abcdefghijklmnopqrstuvwxyz", size/26+1))[:size])
}

func (c *command) payload(task, index int) []byte {
	if c.Text != nil {
		return []byte(*c.Text)
	}
	if c.Count != nil {
		return text(c.Size, fmt.Sprintf("%d/%d ", task, index))
	}
	if c.Type != "binary" {
		return text(c.Size, "")
	}
	octets := make([]byte, c.Size)
	for i := range octets {
		octets[i] = byte(i)
	}
	return octets
}

// The library wants one writer at a time; its users hold a lock.
type driver struct {
	*websocket.Conn
	lock sync.Mutex
}

func (d *driver) send(kind int, payload []byte) error {
	d.lock.Lock()
	defer d.lock.Unlock()
	return d.WriteMessage(kind, payload)
}

func (d *driver) task(c *command, number int) {
	for i := 0; i < *c.Count; i++ {
		d.send(websocket.TextMessage, c.payload(number, i))
	}
}

func (d *driver) obey(c *command) error {
	soon := time.Now().Add(time.Second)
	count := 1
	if c.Count != nil {
		count = *c.Count
	}
	var err error
	for i := 0; i < count && err == nil; i++ {
		switch {
		case c.Fragments > 1:
			return d.send(websocket.TextMessage, []byte("unsupported"))
		case c.Do == "hello":
			err = d.send(websocket.TextMessage, []byte("wsgauntlet driver 1"))
		case c.Do == "close":
			if c.Code == nil {
				c.Code = new(int)
				*c.Code = websocket.CloseNoStatusReceived
			}
			err = d.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(*c.Code, c.Reason), soon)
		case c.Do == "drop":
			err = d.Close()
		case c.Do == "ping":
			err = d.WriteControl(websocket.PingMessage, c.payload(0, i), soon)
		case c.Do == "pong":
			err = d.WriteControl(websocket.PongMessage, c.payload(0, i), soon)
		case c.Do == "send" && c.Tasks > 1:
			for number := 0; number < c.Tasks; number++ {
				go d.task(c, number)
			}
			i = count
		case c.Do == "send" && c.Type == "binary":
			err = d.send(websocket.BinaryMessage, c.payload(0, i))
		case c.Do == "send":
			err = d.send(websocket.TextMessage, c.payload(0, i))
		case c.Do == "wait":
			time.Sleep(time.Duration(c.Ms) * time.Millisecond)
			err = d.send(websocket.TextMessage, []byte("waited"))
		case c.Do == "throw":
			panic("thrown")
		default:
			err = d.send(websocket.TextMessage, []byte("unsupported"))
		}
	}
	if err == nil && c.Then != nil {
		return d.obey(c.Then)
	}
	return err
}

func drive(connection *websocket.Conn) {
	defer connection.Close()
	d := &driver{Conn: connection}
	for {
		kind, message, err := d.ReadMessage()
		if err != nil {
			return
		}
		if kind != websocket.TextMessage || !strings.HasPrefix(string(message), "wsgauntlet {") {
			d.send(kind, message)
			continue
		}
		c := &command{}
		if err = json.Unmarshal(message[len("wsgauntlet "):], c); err == nil {
			err = d.obey(c)
		}
		if err != nil {
			d.send(websocket.TextMessage, []byte("refused: "+err.Error()))
		}
	}
}

func main() {
	if strings.HasPrefix(os.Args[1], "ws") {
		dialer := websocket.Dialer{EnableCompression: true}
		if connection, _, err := dialer.Dial(os.Args[1], nil); err == nil {
			drive(connection)
		}
		return
	}
	upgrader := websocket.Upgrader{EnableCompression: true}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if connection, err := upgrader.Upgrade(w, r, nil); err == nil {
			drive(connection)
		}
	})))
}
