// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"reflect"
	"unicode/utf8"
)

// plainReflect walks what has no case of its own.
func plainReflect(v any) any {
	value := reflect.ValueOf(v)
	switch value.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Slice, reflect.Array:
		out := make([]any, value.Len())
		for i := range out {
			out[i] = plain(value.Index(i).Interface())
		}
		return out
	case reflect.Map:
		out := map[string]any{}
		for _, key := range value.MapKeys() {
			out[fmt.Sprint(key.Interface())] = plain(value.MapIndex(key).Interface())
		}
		return out
	case reflect.String:
		if !utf8.ValidString(value.String()) {
			return map[string]any{"$text": []byte(value.String())}
		}
	case reflect.Func, reflect.Ptr, reflect.Struct:
		return map[string]any{"$go": fmt.Sprintf("%T", v)}
	}
	return v
}
