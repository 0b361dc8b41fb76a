package analyze

// Budget bounds the work of one question. The general problem is
// PSPACE-complete, so that there are documents on which every search is long.
// The zero value stands for the default.
type Budget struct {
	States int // of products of automata; 0 is 400,000
	Nodes  int // of the case split; 0 is 100,000
}

type budget struct {
	states, nodes int
	exceeded      bool
}

func newBudget(b Budget) *budget {
	if b.States == 0 {
		b.States = 400_000
	}
	if b.Nodes == 0 {
		b.Nodes = 100_000
	}
	return &budget{states: b.States, nodes: b.Nodes}
}

func (b *budget) spendState() bool { return b.spend(&b.states) }
func (b *budget) spendNode() bool  { return b.spend(&b.nodes) }

func (b *budget) spend(n *int) bool {
	if *n <= 0 {
		b.exceeded = true
		return false
	}
	*n--
	return true
}
