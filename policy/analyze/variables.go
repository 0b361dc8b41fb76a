package analyze

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/writdev/writ/policy"
)

// variablesOf returns the variables in the literals of the states.
func (q *inquiry) variablesOf(states assignment) []variable {
	var found []variable
	for _, st := range states {
		for _, l := range st.literals {
			language := q.all[l.atom()].language
			if p := q.all[l.atom()].predicate; p != nil {
				language = p.language
			}
			if language == nil {
				continue
			}
			for _, v := range language.variables {
				if !slices.Contains(found, v) {
					found = append(found, v)
				}
			}
		}
	}
	return found
}

// maxValuations is the largest number of combinations of variable values to try.
const maxValuations = 48

// valuations returns values to try for the variables. Variables of one key share its value; a key may be
// absent.
func (q *inquiry) valuations(variables []variable, states assignment) iter.Seq[map[string]text] {
	var keys []string
	for _, v := range variables {
		if !slices.Contains(keys, v.key) {
			keys = append(keys, v.key)
		}
	}
	choices := make([][]text, len(keys))
	for i, key := range keys {
		choices[i] = q.choices(key, states)
	}
	return func(yield func(map[string]text) bool) {
		tried := 0
		values := make(map[string]text)
		var choose func(i int) bool
		choose = func(i int) bool {
			if i == len(keys) {
				tried++
				return yield(values) && tried < maxValuations
			}
			for _, t := range choices[i] {
				values[keys[i]] = t
				if !choose(i + 1) {
					return false
				}
			}
			return true
		}
		choose(0)
	}
}

// choices returns values to try for a key that a variable reads: those that its own conditions name, a few
// other values, and none.
func (q *inquiry) choices(key string, states assignment) []text {
	var texts []string
	f := q.caller.field()
	if k, known := q.caller.key(key); !known {
		f = q.key(key)
	} else if st := q.at(states, f); k.part != nil && st != nil && st.exact {
		texts = append(texts, partOf(k.part, st.text))
	}
	if st := q.at(states, f); st != nil {
		texts = append(texts, q.conditionTexts(st)...)
		if len(st.value.values) == 1 {
			texts = append(texts, st.value.values[0])
		}
	}
	texts = append(texts, "a", "b", "x1")
	texts = append(texts, resourceNames(q.documents)...)
	texts = append(texts, q.textsOf(states)...)
	var choices []text
	for _, t := range texts {
		if c := (text{t, true}); t != "" && !slices.Contains(choices, c) {
			choices = append(choices, c)
		}
	}
	return append(choices, text{})
}

// textsOf returns the texts in the states that a variable may be compared with: names and accounts of caller
// and resource, and values of keys.
func (q *inquiry) textsOf(states assignment) []string {
	var texts []string
	if st := q.withoutVariables(states, q.caller.field()); st != nil && st.exact {
		who := q.caller.principal(st.text)
		texts = append(texts, who.Account, who.ARN, who.Issuer)
	}
	if st := q.withoutVariables(states, resourceField); st != nil && st.exact {
		resource, _, _ := strings.Cut(st.text, "\n")
		_, account := arnAccount(resource)
		texts = append(texts, account, resource)
	}
	for _, st := range states {
		if st.field < firstKey {
			continue
		}
		if len(st.value.values) == 1 {
			texts = append(texts, st.value.values[0])
		}
		texts = append(texts, q.conditionTexts(st)...)
	}
	return texts
}

// withoutVariables returns the state of a field without the literals that contain variables.
func (q *inquiry) withoutVariables(states assignment, f field) *fieldState {
	st := q.at(states, f)
	if st == nil || st.exact {
		return st
	}
	plain := q.solver.start(f)
	for _, l := range st.literals {
		if plain != nil && len(q.all[l.atom()].language.variables) == 0 {
			plain = q.assert(plain, l)
		}
	}
	return plain
}

// conditionTexts returns the values that a key's conditions name, if they are few.
func (q *inquiry) conditionTexts(st *fieldState) []string {
	var texts []string
	for _, l := range st.literals {
		if p := q.all[l.atom()].predicate; p != nil && p.language != nil && len(p.language.finite()) <= 8 {
			texts = append(texts, p.language.finite()...)
		}
	}
	return texts
}

// partOf returns the part of a caller's name that a shape selects.
func partOf(s *shape, name string) string {
	switch {
	case s == issuerPart:
		name, _, _ = strings.Cut(name, "\n")
		return name
	case s == userNamePart:
		return name[strings.LastIndexByte(name, '/')+1:]
	case s == &wholeText:
		return name
	}
	return strings.Split(name, ":")[4]
}

// substitute replaces the variables with values and assigns the values to their keys. It returns false if no
// request has them.
func (q *inquiry) substitute(states assignment, values map[string]text) (concrete assignment, possible bool) {
	context := new(policy.Context)
	for key, t := range values {
		if t.exists {
			context.Set(key, t.value)
		}
	}
	for _, st := range states {
		next := q.solver.start(st.field)
		for _, l := range st.literals {
			if next != nil {
				next = q.assert(next, q.substituteLiteral(l, values, context))
			}
		}
		if next == nil {
			return nil, false
		}
		concrete = concrete.with(next)
	}
	for key, t := range values {
		f, l, ok := q.hasValue(key, t)
		if !ok {
			return nil, false
		}
		next := q.at(concrete, f)
		if next != nil {
			next = q.assert(next, l)
		}
		if next == nil {
			return nil, false
		}
		concrete = concrete.with(next)
	}
	return concrete, true
}

func (q *inquiry) substituteLiteral(l literal, values map[string]text, context *policy.Context) literal {
	a := q.all[l.atom()]
	language := a.language
	if a.predicate != nil {
		language = a.predicate.language
	}
	if language == nil || len(language.variables) == 0 {
		return l
	}
	id := "substituted\x00" + strconv.Itoa(int(l.atom()))
	texts := make(map[variable]text)
	for _, v := range language.variables {
		t := values[v.key]
		if !t.exists {
			t = text{v.fallback, v.hasDefault}
		}
		texts[v] = t
		id += "\x00" + v.key + "\x00" + t.value
		if t.exists {
			id += "\x00"
		}
	}
	n := q.intern(id, func() atom {
		b := atom{field: a.field, language: a.language}
		if a.predicate == nil {
			b.language = language.instantiate(texts)
			return b
		}
		p := *a.predicate
		p.language, p.context = language.instantiate(texts), context
		b.predicate = &p
		return b
	})
	if l.positive() {
		return positive(n)
	}
	return positive(n).negate()
}

// hasValue returns the literal that a key has a value, or that a variable reading it has none.
func (q *inquiry) hasValue(key string, t text) (f field, l literal, ok bool) {
	if k, known := q.caller.key(key); known {
		if k.part == nil || !t.exists {
			return 0, 0, false
		}
		l := q.named(q.caller.field(), k.part.name+" is "+t.value, func() *language {
			return newLanguage(k.part.place(pattern(nil).text(t.value))...)
		})
		return q.caller.field(), l, true
	}
	f = q.key(key)
	if !t.exists {
		return f, q.presence(variable{key: key}).negate(), true
	}
	n := q.intern("equals\x00"+key+"\x00"+t.value, func() atom {
		return atom{field: f, predicate: &predicate{equals: &t.value}}
	})
	return f, positive(n), true
}

func (q *inquiry) noteVariable(variables []variable) {
	if q.reason == "" {
		q.reason = "the answer depends on the value of ${" + variables[0].key + "}"
	}
}
