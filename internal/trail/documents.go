package trail

import "github.com/writdev/writ/internal/identity"

// documents are the policies that the entries of a ring refer to, each kept once and
// as long as an entry refers to it.
type documents struct {
	numbers map[identity.Document]uint32
	list    []heldDocument
	free    []uint32 // unused numbers
	bytes   int      // of names and texts
}

type heldDocument struct {
	identity.Document
	references int
}

// hold adds a reference to a policy and returns its number.
func (d *documents) hold(document identity.Document) uint32 {
	n, known := d.numbers[document]
	if !known {
		n = d.number()
		d.list[n].Document = document
		d.numbers[document] = n
		d.bytes += len(document.Name) + len(document.Text)
	}
	d.list[n].references++
	return n
}

// number is one that is not in use.
func (d *documents) number() uint32 {
	if last := len(d.free) - 1; last >= 0 {
		n := d.free[last]
		d.free = d.free[:last]
		return n
	}
	d.list = append(d.list, heldDocument{})
	return uint32(len(d.list) - 1)
}

func (d *documents) at(n uint32) identity.Document { return d.list[n].Document }

// release takes references away, and drops the policies that have none left.
func (d *documents) release(numbers []uint32) {
	for _, n := range numbers {
		held := &d.list[n]
		if held.references--; held.references > 0 {
			continue
		}
		delete(d.numbers, held.Document)
		d.bytes -= len(held.Name) + len(held.Text)
		*held = heldDocument{}
		d.free = append(d.free, n)
	}
}
