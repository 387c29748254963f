// SPDX-License-Identifier: Apache-2.0

// The public Go client, for interop_test.py: what it was told to publish it reads from its standard
// input, what it heard it prints, a JSON object a line: subject, payload (base64), headers.
//
//	go_peer URL store SUBJECT        to a stream
//	go_peer URL read STREAM COUNT
//	go_peer URL tell SUBJECT         to whoever listens
//	go_peer URL listen SUBJECT COUNT prints "ready" first
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

type message struct {
	Subject string              `json:"subject"`
	Payload []byte              `json:"payload"`
	Headers map[string][]string `json:"headers"`
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func show(m *nats.Msg) {
	headers := map[string][]string(m.Header)
	if headers == nil {
		headers = map[string][]string{}
	}
	fmt.Println(string(must(json.Marshal(message{m.Subject, m.Data, headers}))))
}

func main() {
	url, what, name := os.Args[1], os.Args[2], os.Args[3]
	connection := must(nats.Connect(url))
	defer connection.Close()
	js := must(connection.JetStream())
	switch what {
	case "store", "tell":
		lines := bufio.NewScanner(os.Stdin)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var one message
			if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
				log.Fatal(err)
			}
			m := nats.NewMsg(name)
			m.Data = one.Payload
			m.Header = nats.Header(one.Headers)
			if what == "store" {
				must(js.PublishMsg(m))
			} else if err := connection.PublishMsg(m); err != nil {
				log.Fatal(err)
			}
		}
		if err := connection.Flush(); err != nil {
			log.Fatal(err)
		}
	case "read", "listen":
		count := must(strconv.Atoi(os.Args[4]))
		var s *nats.Subscription
		if what == "read" {
			s = must(js.SubscribeSync("", nats.BindStream(name), nats.OrderedConsumer()))
		} else {
			s = must(connection.SubscribeSync(name))
			if err := connection.Flush(); err != nil {
				log.Fatal(err)
			}
			fmt.Println("ready")
		}
		for i := 0; i < count; i++ {
			show(must(s.NextMsg(30 * time.Second)))
		}
	}
}
