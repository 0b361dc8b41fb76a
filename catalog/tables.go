package catalog

import (
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"io"
	"strings"
	"sync"
)

// tables is the file that catalog/internal/build writes; its format is documented
// in build's encode.go. As a string it is mapped with the binary and read only where
// it is used.
//
//go:embed tables.bin
var tables string

// entry is a line of the index: the position of a service's block, and the service once it is loaded.
type entry struct {
	prefix, name string
	rcp          bool
	block        string
	read         func() *Service
}

type index struct {
	date, source string
	principals   []string
	entries      []entry          // sorted by prefix
	byPrefix     map[string]int   // by lower-case prefix
	byARN        map[string][]int // by the service of an ARN
	byKey        map[string][]int // by the prefix of a key that differs from its service's prefix
	unlisted     map[string]bool  // actions in lower case
}

// readIndex reads the index once.
var readIndex = sync.OnceValue(func() *index {
	length := binary.LittleEndian.Uint32([]byte(tables[:4]))
	blocks := tables[4+length:]
	x := &index{byPrefix: map[string]int{}, byARN: map[string][]int{}, byKey: map[string][]int{}, unlisted: map[string]bool{}}
	for line := range strings.Lines(inflate(tables[4 : 4+length])) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch f[0] {
		case "d":
			x.date, x.source = f[1], f[2]
		case "p":
			x.principals = append(x.principals, f[1])
		case "s":
			n := atoi(f[3], 10)
			e := entry{prefix: f[1], name: f[2], rcp: f[4] != "", block: blocks[:n]}
			e.read = sync.OnceValue(func() *Service { return readService(&e) })
			blocks = blocks[n:]
			x.byPrefix[strings.ToLower(e.prefix)] = len(x.entries)
			for _, name := range words(f[5]) {
				x.byARN[name] = append(x.byARN[name], len(x.entries))
			}
			for _, prefix := range words(f[6]) {
				x.byKey[prefix] = append(x.byKey[prefix], len(x.entries))
			}
			x.entries = append(x.entries, e)
		case "u":
			x.unlisted[strings.ToLower(f[1])] = true
		}
	}
	return x
})

func inflate(packed string) string {
	text, err := io.ReadAll(flate.NewReader(strings.NewReader(packed)))
	if err != nil {
		panic("catalog: the tables in this binary are damaged: " + err.Error())
	}
	return string(text)
}

// atoi parses a number of the tables.
func atoi(s string, base int) int {
	n := 0
	for i := range len(s) {
		digit := int(s[i] - '0')
		if s[i] >= 'a' {
			digit = int(s[i]-'a') + 10
		}
		n = n*base + digit
	}
	return n
}

// readService parses a service's block. The same set of keys occurs in many lines and is parsed once.
func readService(e *entry) *Service {
	s := &Service{Prefix: e.prefix, Name: e.name, SupportsRCP: e.rcp}
	sets := map[string][]*ConditionKey{}
	keys := func(numbers string) []*ConditionKey {
		if numbers == "" {
			return nil
		}
		set, ok := sets[numbers]
		if !ok {
			for n := range strings.SplitSeq(numbers, " ") {
				set = append(set, &s.ConditionKeys[atoi(n, 36)])
			}
			sets[numbers] = set
		}
		return set
	}
	text := inflate(e.block)
	s.allocate(text)
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch f[0] {
		case "k":
			s.ConditionKeys = append(s.ConditionKeys, ConditionKey{Name: f[1], Type: keyTypes()[f[2]]})
		case "r":
			s.ResourceTypes = append(s.ResourceTypes, newResourceType(f[1], f[2], keys(f[3])))
		case "a":
			a := Action{Service: s, Name: f[1], Access: accessLevel(f[2]), ConditionKeys: keys(f[3]), Dependent: words(f[4])}
			for _, part := range f[5:] {
				p := strings.Split(part, "|")
				name, required := strings.CutSuffix(p[0], "!")
				if t := s.resourceType(name); t != nil {
					a.Resources = append(a.Resources, ActionResource{Type: t, Required: required, ConditionKeys: keys(p[1]), Dependent: words(p[2])})
				}
			}
			s.Actions = append(s.Actions, a)
		}
	}
	s.keys = newKeyTable(s.ConditionKeys)
	return s
}

func words(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, " ")
}

// allocate allocates the lists in advance, so that pointers into them stay valid.
func (s *Service) allocate(text string) {
	count := func(line string) int {
		n := strings.Count(text, "\n"+line)
		if strings.HasPrefix(text, line) {
			n++
		}
		return n
	}
	s.ConditionKeys = make([]ConditionKey, 0, count("k\t"))
	s.ResourceTypes = make([]ResourceType, 0, count("r\t"))
	s.Actions = make([]Action, 0, count("a\t"))
}
