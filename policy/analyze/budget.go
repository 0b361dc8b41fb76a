package analyze

// Budget bounds the work of one question. The general problem is
// PSPACE-complete, so that there are documents on which every search is long.
// The zero value stands for the default, which ends within a second.
type Budget struct {
	Work  int // positions of patterns and states of products that searches visit; 0 is 1,000,000
	Nodes int // cases of the case split; 0 is 100,000
}

type budget struct {
	work, nodes int
	exceeded    bool
}

func newBudget(b Budget) *budget {
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
