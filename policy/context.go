package policy

import "iter"

// Context holds the condition keys of one request. Names compare without regard to case; a key may have
// several values. The zero value is an empty context; a Context that is reset and filled again allocates
// nothing.
type Context struct {
	keys   []contextKey
	values []string
}

type contextKey struct {
	hash       uint64
	name       string
	start, len int32
}

// Set sets the values of a key, replacing any previous values.
func (c *Context) Set(name string, values ...string) {
	h := foldHash(name)
	k := c.find(h, name)
	if k == nil {
		c.keys = append(c.keys, contextKey{hash: h, name: name})
		k = &c.keys[len(c.keys)-1]
	}
	k.start, k.len = int32(len(c.values)), int32(len(values))
	c.values = append(c.values, values...)
}

// Add adds a value to a key.
func (c *Context) Add(name, value string) {
	k := c.find(foldHash(name), name)
	if k == nil {
		c.Set(name, value)
		return
	}
	if int(k.start+k.len) != len(c.values) {
		old := c.values[k.start : k.start+k.len]
		k.start = int32(len(c.values))
		c.values = append(c.values, old...)
	}
	c.values = append(c.values, value)
	k.len++
}

// Get returns the key's values, or none if the key is absent. The caller must not modify them.
func (c *Context) Get(name string) []string { return c.get(foldHash(name), name) }

// Has reports whether the key is present.
func (c *Context) Has(name string) bool { return c.find(foldHash(name), name) != nil }

// Len returns the number of keys.
func (c *Context) Len() int { return len(c.keys) }

// All yields each key with its values, in the order in which they were set.
func (c *Context) All() iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		for _, k := range c.keys {
			if !yield(k.name, c.values[k.start:k.start+k.len]) {
				return
			}
		}
	}
}

// Reset removes every key and keeps the memory.
func (c *Context) Reset() {
	c.keys, c.values = c.keys[:0], c.values[:0]
}

func (c *Context) get(hash uint64, name string) []string {
	k := c.find(hash, name)
	if k == nil {
		return nil
	}
	return c.values[k.start : k.start+k.len]
}

func (c *Context) find(hash uint64, name string) *contextKey {
	for i := range c.keys {
		if c.keys[i].hash == hash && equalFold(c.keys[i].name, name) {
			return &c.keys[i]
		}
	}
	return nil
}
