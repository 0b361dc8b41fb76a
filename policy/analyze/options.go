package analyze

// Options say how a question is to be answered. The zero value works: it bounds the
// work so that an answer comes within a second.
type Options struct {
	// The general problem is PSPACE-complete, so that there are documents on which
	// every search is long. Work is how many positions of patterns and states of
	// products searches may visit, and Nodes how many cases are looked at; 0 is
	// 1,000,000 and 100,000.
	Work, Nodes int
	Facts       Facts // of the requests that services know; may be nil
}

type budget struct {
	work, nodes int
	exceeded    bool
}

func newBudget(b Options) *budget {
	if b.Work == 0 {
		b.Work = 1_000_000
	}
	if b.Nodes == 0 {
		b.Nodes = 100_000
	}
	return &budget{work: b.Work, nodes: b.Nodes}
}

// spend takes work from the budget.
func (b *budget) spend(work int) {
	if b.work -= work; b.work < 0 {
		b.exceeded = true
	}
}

// spendNode takes a case from the budget; it is false if nothing is left.
func (b *budget) spendNode() bool {
	if b.nodes--; b.nodes < 0 {
		b.exceeded = true
	}
	return !b.exceeded
}
