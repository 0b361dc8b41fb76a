package analyze

// Options limits the work on a question. The zero value works: it bounds the work so that an answer takes
// less than a second.
type Options struct {
	// The general problem is PSPACE-complete, so some documents require a long search. Work is the largest
	// number of pattern positions and product states that searches visit, Nodes the largest number of cases;
	// 0 means 1,000,000 and 100,000.
	Work, Nodes int
	Facts       Facts // the requests that services support; may be nil
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

// spend subtracts work from the budget.
func (b *budget) spend(work int) {
	if b.work -= work; b.work < 0 {
		b.exceeded = true
	}
}

// spendNode subtracts a case from the budget. It returns false if the budget is exhausted.
func (b *budget) spendNode() bool {
	if b.nodes--; b.nodes < 0 {
		b.exceeded = true
	}
	return !b.exceeded
}
