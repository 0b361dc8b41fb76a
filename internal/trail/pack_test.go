package trail

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
)

// TestPackKeepsEveryField sets every field of an entry and of all types in it, so that a
// field that the packer omits differs afterwards.
func TestPackKeepsEveryField(t *testing.T) {
	n := 0
	for _, lists := range []int{0, 1, 3} {
		e := new(Entry)
		fill(reflect.ValueOf(e).Elem(), &n, lists)
		if diff := cmp.Diff(e, packed(e), cmpopts.IgnoreUnexported(authz.Decision{})); diff != "" {
			t.Errorf("lists of %d (-want +got):\n%s", lists, diff)
		}
	}
}

// TestPackKeepsNil: nil and an empty list differ: a layer without policies does not
// restrict, an empty list allows nothing.
func TestPackKeepsNil(t *testing.T) {
	e := entry("1", true)
	e.Decisions[0].Policies.Boundary = []identity.Document{}
	if diff := cmp.Diff(e, packed(e), cmpopts.IgnoreUnexported(authz.Decision{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func packed(e *Entry) *Entry {
	r := NewRing(1, DefaultBytes)
	r.Add(e)
	return r.unpack(0)
}

// fill sets everything in a value to non-zero values, and gives each list and map the
// number of elements.
func fill(v reflect.Value, n *int, elements int) {
	*n++
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Unix(int64(1e9+*n), int64(*n)).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		v.SetUint(uint64(*n%255 + 1))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n, elements)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() || v.Type().Field(i).Anonymous {
				fill(v.Field(i), n, elements)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), elements, elements))
		for i := range elements {
			fill(v.Index(i), n, elements)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range elements {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(key, n, elements)
			fill(value, n, elements)
			v.SetMapIndex(key, value)
		}
	default:
		panic(v.Kind())
	}
}
