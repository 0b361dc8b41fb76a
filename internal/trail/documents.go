package trail

import "github.com/writdev/writ/internal/identity"

// documents are the policies to which the entries of a ring refer. Each is stored once,
// and removed with its last reference.
type documents struct {
	numbers map[identity.Document]uint32
	list    []documentEntry
	free    []uint32 // unused numbers
	bytes   int      // of names and texts
}

type documentEntry struct {
	identity.Document
	references int
}

// addReference adds a reference to a policy and returns its number.
func (d *documents) addReference(document identity.Document) uint32 {
	n, known := d.numbers[document]
	if !known {
		n = d.unusedNumber()
		d.list[n].Document = document
		d.numbers[document] = n
		d.bytes += len(document.Name) + len(document.Text)
	}
	d.list[n].references++
	return n
}

// unusedNumber returns a number that is not in use.
func (d *documents) unusedNumber() uint32 {
	if last := len(d.free) - 1; last >= 0 {
		n := d.free[last]
		d.free = d.free[:last]
		return n
	}
	d.list = append(d.list, documentEntry{})
	return uint32(len(d.list) - 1)
}

func (d *documents) get(n uint32) identity.Document { return d.list[n].Document }

// release removes a reference, and the policy if it was the last.
func (d *documents) release(number uint32) {
	held := &d.list[number]
	if held.references--; held.references > 0 {
		return
	}
	delete(d.numbers, held.Document)
	d.bytes -= len(held.Name) + len(held.Text)
	*held = documentEntry{}
	d.free = append(d.free, number)
}
