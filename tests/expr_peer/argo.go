// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/Masterminds/sprig"
	"github.com/antonmedv/expr"
)

// The functions that Argo Dataflow documents beside expr, written from their documented meaning.

func toBytes(v any) any {
	switch w := v.(type) {
	case nil:
		return nil
	case string:
		return []byte(w)
	}
	return []byte(fmt.Sprintf("%v", v))
}

func toString(v any) any {
	switch w := v.(type) {
	case nil:
		return ""
	case []byte:
		return string(w)
	}
	return fmt.Sprintf("%v", v)
}

func toInt(v any) any {
	var text string
	switch w := v.(type) {
	case int:
		return w
	case float64:
		return int(w)
	case []byte:
		text = string(w)
	case string:
		text = w
	default:
		panic(fmt.Sprintf("cannot convert %T to int", v))
	}
	i, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return i
}

func toJSON(v any) any {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return out
}

func toObject(v any) any {
	var text []byte
	switch w := v.(type) {
	case []byte:
		text = w
	case string:
		text = []byte(w)
	default:
		panic(fmt.Sprintf("cannot convert %T to object", v))
	}
	out := map[string]any{}
	if err := json.Unmarshal(text, &out); err != nil {
		panic(err)
	}
	return out
}

func toSha1(v any) any {
	var text []byte
	switch w := v.(type) {
	case []byte:
		text = w
	case string:
		text = []byte(w)
	default:
		text = []byte(fmt.Sprintf("%v", v))
	}
	sum := sha1.Sum(text)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func evaluateArgo(q request) (any, error) {
	env := map[string]any{
		"msg": []byte(q.Input),
		"ctx": map[string]any{"source": "urn:dataflow:example", "id": "1",
			"time": "2024-05-01T10:00:00Z"},
		"bytes": toBytes, "string": toString, "int": toInt, "json": toJSON,
		"object": toObject, "sha1": toSha1,
		"sprig": sprig.GenericFuncMap(),
	}
	program, err := expr.Compile(q.Expr)
	if err != nil {
		return nil, err
	}
	return expr.Run(program, env)
}
