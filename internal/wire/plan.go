package wire

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"
)

// kind is the kind of a value for the codecs.
type kind uint8

const (
	kString kind = iota
	kBool
	kInt
	kFloat
	kTime
	kBlob
	kStruct
	kList
	kMap
)

// kindNames are the names of kinds in error messages.
var kindNames = [...]string{
	kString: "a string",
	kBool:   "a boolean",
	kInt:    "an integer",
	kFloat:  "a number",
	kTime:   "a timestamp",
	kBlob:   "a base64 string",
	kStruct: "a structure",
	kList:   "a list",
	kMap:    "a map",
}

// shape is the compiled form of a member, a list element or a map value.
type shape struct {
	kind    kind
	pointer bool       // the Go value is a pointer
	json    bool       // a string that holds JSON text
	flat    bool       // awsQuery: without a wrapping element
	ts      timeFormat // of a timestamp
	item    string     // awsQuery: element name of a list
	key     string     // awsQuery: key name of a map
	value   string     // awsQuery: value name of a map

	plan      *structPlan // of a structure
	elem      *shape      // of a list or a map
	limits    *limits     // constraints on the value; nil if none
	keyLimits *limits     // constraints on the keys of a map; nil if none
}

// field is one member of a structure.
type field struct {
	name      string
	quoted    string // the name as a JSON object key with its colon
	index     int    // in the Go struct
	location  location
	required  bool
	sensitive bool
	shape     shape
}

// structPlan is the compiled form of a Go struct.
type structPlan struct {
	fields   []field
	body     map[string]int // members in the body, by wire name
	required []int          // required members
	payload  int            // the member that is the whole body, or -1
}

// maxFields is the maximum number of members of a structure: the width of a fieldSet.
const maxFields = 128

// fieldSet is a set of members of one structure.
type fieldSet [maxFields / 64]uint64

func (s *fieldSet) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s *fieldSet) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

// plans caches the plan of each struct type. A plan depends only on its type.
var plans sync.Map // reflect.Type -> *structPlan

// planOf returns the plan of a struct type, which it compiles at first use. The error
// says which tag is invalid; the tests find it with [Operation.Compile].
func planOf(t reflect.Type) (*structPlan, error) {
	if p, ok := plans.Load(t); ok {
		return p.(*structPlan), nil
	}
	c := compiler{plans: make(map[reflect.Type]*structPlan)}
	p, err := c.structure(t)
	if err != nil {
		return nil, err
	}
	for t, p := range c.plans {
		plans.LoadOrStore(t, p)
	}
	return p, nil
}

// compiler compiles one type and the types that it refers to. Its plans end recursion.
type compiler struct {
	plans map[reflect.Type]*structPlan
}

func (c *compiler) structure(t reflect.Type) (*structPlan, error) {
	if p, ok := c.plans[t]; ok {
		return p, nil
	}
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s is not a struct", t)
	}
	if t.NumField() > maxFields {
		return nil, fmt.Errorf("%s has more than %d members", t, maxFields)
	}
	p := &structPlan{body: make(map[string]int), payload: -1}
	c.plans[t] = p
	for i := range t.NumField() {
		f, err := c.field(t.Field(i))
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t, t.Field(i).Name, err)
		}
		f.index = i
		if f.required {
			p.required = append(p.required, i)
		}
		switch f.location {
		case inBody:
			if _, twice := p.body[f.name]; twice {
				return nil, fmt.Errorf("%s: two members are called %q", t, f.name)
			}
			p.body[f.name] = i
		case inPayload:
			p.payload = i
		}
		p.fields = append(p.fields, f)
	}
	return p, nil
}

func (c *compiler) field(sf reflect.StructField) (field, error) {
	tag, ok := sf.Tag.Lookup("wire")
	if !ok || !sf.IsExported() {
		return field{}, errors.New("want an exported field with a wire tag")
	}
	o, err := parseOptions(tag)
	if err != nil {
		return field{}, err
	}
	s, err := c.shape(sf.Type, sf.Tag, o)
	if err != nil {
		return field{}, err
	}
	if err := checkLocation(o.location, &s); err != nil {
		return field{}, err
	}
	return field{
		name:      o.name,
		quoted:    string(appendQuote(nil, o.name)) + ":",
		location:  o.location,
		required:  o.required,
		sensitive: o.sensitive,
		shape:     s,
	}, nil
}

// checkLocation reports whether a shape can be at a location.
func checkLocation(loc location, s *shape) error {
	scalar := s.kind < kStruct
	list := s.kind == kList && s.elem.kind < kStruct
	ok := true
	switch loc {
	case inURI:
		ok = scalar
	case inHeader:
		ok = scalar || list
	case inHeaders:
		ok = s.kind == kMap && s.elem.kind == kString
	case inStatus:
		ok = s.kind == kInt
	case inQuery:
		stringsOf := func(e *shape) bool {
			return e.kind == kString || e.kind == kList && e.elem.kind == kString
		}
		ok = scalar || list || s.kind == kMap && stringsOf(s.elem)
	case inPayload:
		ok = s.kind == kStruct || s.kind == kBlob || s.kind == kString
	}
	if !ok {
		return fmt.Errorf("%s is not possible at this location", kindNames[s.kind])
	}
	return nil
}

// shape compiles the type of a member.
func (c *compiler) shape(t reflect.Type, tag reflect.StructTag, o options) (shape, error) {
	s, err := c.bare(t, o)
	if err != nil {
		return s, err
	}
	if s.limits, err = parseLimits(tag, "check", "pattern", "enum"); err != nil {
		return s, err
	}
	elem, err := parseLimits(tag, "elem", "elempattern", "elemenum")
	if err != nil {
		return s, err
	}
	if elem != nil {
		if s.elem == nil {
			return s, errors.New("constraints on elements of a type without elements")
		}
		s.elem.limits = elem
	}
	if s.keyLimits, err = parseLimits(tag, "keys", "keypattern", "keyenum"); err != nil {
		return s, err
	}
	if s.keyLimits != nil && s.kind != kMap {
		return s, errors.New("constraints on keys of a type without keys")
	}
	return s, nil
}

// bare compiles a type without its constraints.
func (c *compiler) bare(t reflect.Type, o options) (shape, error) {
	s := shape{json: o.json, flat: o.flat, ts: o.ts, item: o.item, key: o.key, value: o.value}
	if t.Kind() == reflect.Pointer {
		s.pointer = true
		t = t.Elem()
	}
	var err error
	switch k := t.Kind(); {
	case t == reflect.TypeFor[time.Time]():
		s.kind = kTime
	case t == reflect.TypeFor[[]byte]():
		s.kind = kBlob
	case k == reflect.String:
		s.kind = kString
	case k == reflect.Bool:
		s.kind = kBool
	case k == reflect.Int, k == reflect.Int32, k == reflect.Int64:
		s.kind = kInt
	case k == reflect.Float64:
		s.kind = kFloat
	case k == reflect.Struct:
		s.kind = kStruct
		s.plan, err = c.structure(t)
	case k == reflect.Slice, k == reflect.Map:
		s.kind = kList
		if k == reflect.Map {
			s.kind = kMap
			if t.Key().Kind() != reflect.String {
				return s, fmt.Errorf("%s: map keys are strings", t)
			}
		}
		// Names and flattening belong to the outermost list or map.
		s.elem = new(shape)
		*s.elem, err = c.bare(t.Elem(), options{json: o.json, ts: o.ts, item: "member", key: "key", value: "value"})
		if err == nil && s.elem.pointer {
			err = fmt.Errorf("%s: elements are plain values", t)
		}
	default:
		err = fmt.Errorf("%s has no shape", t)
	}
	if err == nil && s.pointer && (s.kind == kList || s.kind == kMap || s.kind == kBlob) {
		err = fmt.Errorf("a pointer to %s: nil is already absent", kindNames[s.kind])
	}
	return s, err
}
