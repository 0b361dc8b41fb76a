package main

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// encode writes the tables: the length of the index (four bytes, little-endian), the index, and one block for
// each service in the index's order. Index and blocks are compressed (DEFLATE) texts of lines whose fields
// are separated by tabs. The lines of the index:
//
//	d DATE SOURCE
//	p PRINCIPAL
//	s PREFIX NAME LENGTH-OF-BLOCK ["rcp"] ARN-SERVICES KEY-PREFIXES
//	u ACTION-OR-KEY
//
// where ARN-SERVICES are the third fields of the ARNs of its resource types and KEY-PREFIXES the prefixes of
// its condition keys other than its own and aws; u lines are names in managed policies that are in no block.
// The lines of a block, where KEYS are numbers of k lines in base 36:
//
//	k KEY TYPE
//	r TYPE ARN KEYS
//	a ACTION LEVEL KEYS DEPENDENT-ACTIONS {TYPE["!" if required]|KEYS|DEPENDENT-ACTIONS}
func encode(services []service, principals, unlisted []string) ([]byte, error) {
	var index, blocks bytes.Buffer
	fmt.Fprintf(&index, "d\t%s\t%s\n", date, reference.name+" "+reference.version)
	for _, p := range principals {
		fmt.Fprintf(&index, "p\t%s\n", p)
	}
	for _, s := range services {
		block, err := deflate(s.block())
		if err != nil {
			return nil, err
		}
		blocks.Write(block)
		rcp := ""
		if s.rcp {
			rcp = "rcp"
		}
		fmt.Fprintf(&index, "s\t%s\t%s\t%d\t%s\t%s\t%s\n", s.prefix, s.name, len(block), rcp, strings.Join(s.arnServices(), " "), strings.Join(s.keyPrefixes(), " "))
	}
	for _, u := range unlisted {
		fmt.Fprintf(&index, "u\t%s\n", u)
	}
	packed, err := deflate(index.Bytes())
	if err != nil {
		return nil, err
	}
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(packed)))
	return slices.Concat(out, packed, blocks.Bytes()), nil
}

func (s *service) block() []byte {
	numbers := map[string]int{}
	keys := slices.Clone(s.keys)
	number := func(names []string) string {
		var out []string
		for _, name := range names {
			if strings.ContainsAny(name, " \t") {
				continue // a name that contains prose of the reference
			}
			folded := strings.ToLower(name)
			if _, ok := numbers[folded]; !ok {
				numbers[folded] = len(keys)
				keys = append(keys, conditionKey{Key: name, Type: "String"})
			}
			out = append(out, strconv.FormatInt(int64(numbers[folded]), 36))
		}
		return strings.Join(out, " ")
	}
	for i, k := range keys {
		numbers[strings.ToLower(k.Key)] = i
	}
	var lines, head bytes.Buffer
	for _, t := range s.types {
		fmt.Fprintf(&lines, "r\t%s\t%s\t%s\n", t.Key, t.ARN, number(t.ConditionKeys))
	}
	for _, a := range s.actions {
		fmt.Fprintf(&lines, "a\t%s\t%s\t%s\t%s", a.Name, level(a.AccessLevel), number(a.ConditionKeys), strings.Join(a.Dependent, " "))
		for _, t := range a.ResourceTypes {
			name := t.Name
			if t.Required {
				name += "!"
			}
			fmt.Fprintf(&lines, "\t%s|%s|%s", name, number(t.ConditionKeys), strings.Join(t.Dependent, " "))
		}
		lines.WriteByte('\n')
	}
	for _, k := range keys {
		fmt.Fprintf(&head, "k\t%s\t%s\n", k.Key, k.Type)
	}
	return append(head.Bytes(), lines.Bytes()...)
}

// arnServices returns the third fields of the ARNs of the service's resource types.
func (s *service) arnServices() []string {
	var names []string
	for _, t := range s.types {
		if f := strings.Split(t.ARN, ":"); len(f) > 2 && f[2] != "" && !slices.Contains(names, f[2]) {
			names = append(names, f[2])
		}
	}
	return names
}

// keyPrefixes returns the prefixes of keys other than the service's own and aws.
func (s *service) keyPrefixes() []string {
	var names []string
	for _, k := range s.keys {
		prefix, _, _ := strings.Cut(strings.ToLower(k.Key), ":")
		if prefix != "aws" && prefix != s.prefix && !slices.Contains(names, prefix) {
			names = append(names, prefix)
		}
	}
	return names
}

// level returns one letter for an access level; those of tagging and permissions
// management are write as well.
func level(s string) string {
	first, _, _ := strings.Cut(s, ",")
	return map[string]string{"List": "L", "Read": "R", "Write": "W", "Tagging": "T", "Permissions management": "P"}[first]
}

func deflate(text []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// encodeCorpus writes the policies as lines of a name, a tab and a document,
// compressed (gzip).
func encodeCorpus(managed map[string]json.RawMessage) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(managed)) {
		var line bytes.Buffer
		line.WriteString(name + "\t")
		if err := json.Compact(&line, managed[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		line.WriteByte('\n')
		if _, err := w.Write(line.Bytes()); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
