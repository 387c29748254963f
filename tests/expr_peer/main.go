// SPDX-License-Identifier: Apache-2.0

// expr_peer evaluates expressions with the Go libraries that our dialects follow: today's expr for
// "penstock", expr v1.9 with the environment of Argo Dataflow for "argo". One JSON object a line:
// {"dialect","expr","input"} in, {"value"} or {"error"} out.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"time"
)

type request struct {
	Dialect string `json:"dialect"`
	Expr    string `json:"expr"`
	Input   string `json:"input"`
}

type reply struct {
	Value json.RawMessage `json:"value,omitempty"`
	Error string          `json:"error,omitempty"`
}

func evaluate(q request) (value any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	if q.Dialect == "argo" {
		return evaluateArgo(q)
	}
	return evaluateToday(q)
}

// plain makes of a result what both sides write alike: bytes as {"$bytes": base64}, whole doubles as
// doubles ("1.0"), times in RFC 3339.
func plain(v any) any {
	switch w := v.(type) {
	case []byte:
		return map[string]any{"$bytes": w}
	case float64:
		if math.IsNaN(w) || math.IsInf(w, 0) {
			return map[string]any{"$double": fmt.Sprint(w)}
		}
		return json.RawMessage(double(w))
	case time.Time:
		return w.Format(time.RFC3339Nano)
	case time.Duration:
		return w.String()
	}
	return plainReflect(v)
}

func double(d float64) string {
	text := fmt.Sprintf("%v", d)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

func answer(q request) reply {
	value, err := evaluate(q)
	if err != nil {
		return reply{Error: strings.SplitN(err.Error(), "\n", 2)[0]}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(plain(value)); err != nil {
		return reply{Error: "not JSON: " + err.Error()}
	}
	return reply{Value: bytes.TrimSpace(text.Bytes())}
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		var q request
		var r reply
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			r = reply{Error: "request: " + err.Error()}
		} else {
			r = answer(q)
		}
		line, err := json.Marshal(r)
		if err != nil {
			line = []byte(`{"error":"reply cannot be written"}`)
		}
		out.Write(line)
		out.WriteByte('\n')
	}
}
