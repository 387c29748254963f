// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"strings"

	"github.com/expr-lang/expr"
)

// document reads an input; whole numbers are ints, as in Penstock.
func document(text string) (map[string]any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var out map[string]any
	if err := decoder.Decode(&out); err != nil {
		return nil, err
	}
	return numbers(out).(map[string]any), nil
}

func numbers(v any) any {
	switch w := v.(type) {
	case json.Number:
		if i, err := w.Int64(); err == nil {
			return int(i)
		}
		d, _ := w.Float64()
		return d
	case map[string]any:
		for key, item := range w {
			w[key] = numbers(item)
		}
	case []any:
		for i, item := range w {
			w[i] = numbers(item)
		}
	}
	return v
}

func evaluateToday(q request) (any, error) {
	env, err := document(q.Input)
	if err != nil {
		return nil, err
	}
	program, err := expr.Compile(q.Expr, expr.AllowUndefinedVariables())
	if err != nil {
		return nil, err
	}
	return expr.Run(program, env)
}
