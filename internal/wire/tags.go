package wire

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// How a Go struct describes a shape.
//
// Every field of a wire struct is exported and has a tag
//
//	wire:"name[,option...]"
//
// that gives the member's name on the wire. The options are:
//
//	required        an input without the member is rejected
//	query           the member is in the query string; a map has all
//	                parameters that are not other members
//	header          ... in the header called name
//	headers         ... in all headers that begin with name, into a map
//	uri             ... in the label {name} of the path
//	status          ... as the HTTP status (outputs only)
//	payload         ... as the whole body
//	token           the member is an idempotency token (documentation only)
//	sensitive       the value is never repeated in an error
//	json            the string holds a JSON text (base64 in a header)
//	ts=unix         timestamps are epoch seconds
//	ts=iso8601      ... RFC 3339 in UTC
//	ts=rfc822       ... an HTTP date
//	flat            awsQuery: a list or map without its wrapping element
//	item=NAME       awsQuery: list elements are called NAME, not "member"
//	key=NAME        awsQuery: map keys are called NAME, not "key"
//	value=NAME      awsQuery: map values are called NAME, not "value"
//
// Without ts, a timestamp is unix in JSON, iso8601 in a query string, a form or XML, and
// rfc822 in a header. Without a location, the member is in the body.
//
// Constraints of the model have their own tags:
//
//	check:"min=1 max=30000"   characters of a string, bytes of a blob, entries
//	                          of a list or map, value of a number
//	pattern:"..."             must match the whole string, see pattern.go
//	enum:"A|B"                the values allowed
//	elem, elempattern, elemenum   the same for list elements and map values
//	keys, keypattern, keyenum     the same for map keys
//
// Shapes correspond to Go types:
//
//	string, enum     string or a named string type
//	boolean          bool
//	integer, long    int, int32, int64
//	float, double    float64
//	timestamp        time.Time
//	blob             []byte
//	structure        *T as a member, T as a list element or map value
//	list             []T; nil is absent, empty is present
//	map              map[K]T with a string key; nil is absent
//
// A scalar member that is not required is a pointer, so that absent and zero differ. In
// an output, nil values are omitted and all others are written.

// location is where a member is on the wire.
type location uint8

const (
	inBody location = iota
	inQuery
	inHeader
	inHeaders
	inURI
	inStatus
	inPayload
)

// locations are the tag options that name a location.
var locations = map[string]location{
	"query":   inQuery,
	"header":  inHeader,
	"headers": inHeaders,
	"uri":     inURI,
	"status":  inStatus,
	"payload": inPayload,
}

// timeFormat is the format of a timestamp.
type timeFormat uint8

const (
	tsDefault timeFormat = iota // the default of the protocol and the location
	tsUnix
	tsISO8601
	tsRFC822
)

// timeFormats are the values of the tag option ts.
var timeFormats = map[string]timeFormat{
	"unix":    tsUnix,
	"iso8601": tsISO8601,
	"rfc822":  tsRFC822,
}

// options is a parsed wire tag.
type options struct {
	name      string
	location  location
	required  bool
	sensitive bool
	json      bool
	flat      bool
	ts        timeFormat
	item      string
	key       string
	value     string
}

// parseOptions reads the text of a wire tag.
func parseOptions(tag string) (options, error) {
	name, rest, _ := strings.Cut(tag, ",")
	o := options{name: name, item: "member", key: "key", value: "value"}
	for rest != "" {
		var opt string
		opt, rest, _ = strings.Cut(rest, ",")
		opt, arg, _ := strings.Cut(opt, "=")
		switch opt {
		case "required":
			o.required = true
		case "token": // documentation only
		case "sensitive":
			o.sensitive = true
		case "json":
			o.json = true
		case "flat":
			o.flat = true
		case "ts":
			if o.ts = timeFormats[arg]; o.ts == tsDefault {
				return o, fmt.Errorf("unknown timestamp format %q", arg)
			}
		case "item":
			o.item = arg
		case "key":
			o.key = arg
		case "value":
			o.value = arg
		default:
			loc, ok := locations[opt]
			if !ok {
				return o, fmt.Errorf("unknown option %q", opt)
			}
			o.location = loc
		}
	}
	if o.name == "" && o.location != inQuery && o.location != inHeaders {
		return o, errors.New("the member has no name")
	}
	return o, nil
}

// parseLimits reads the constraints in the three named tags.
// It returns nil if there are none.
func parseLimits(tag reflect.StructTag, check, pattern, enum string) (*limits, error) {
	l := limits{min: math.Inf(-1), max: math.Inf(1)}
	found := false
	for word := range strings.FieldsSeq(tag.Get(check)) {
		name, arg, _ := strings.Cut(word, "=")
		n, err := strconv.ParseFloat(arg, 64)
		if err != nil {
			return nil, fmt.Errorf("%s %q: %w", check, word, err)
		}
		switch name {
		case "min":
			l.min = n
		case "max":
			l.max = n
		default:
			return nil, fmt.Errorf("%s: unknown constraint %q", check, name)
		}
		found = true
	}
	if text, ok := tag.Lookup(pattern); ok {
		l.pattern = newPattern(text)
		found = true
	}
	if text, ok := tag.Lookup(enum); ok {
		l.enum = strings.Split(text, "|")
		found = true
	}
	if !found {
		return nil, nil
	}
	return &l, nil
}
