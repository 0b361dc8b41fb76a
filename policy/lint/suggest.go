package lint

import (
	"iter"
	"strings"
)

// nearest returns the candidate with the smallest edit distance to a word: letters added, removed, replaced
// or swapped, without regard to case. It returns "" if none is close.
func nearest(word string, candidates iter.Seq[string]) string {
	most := min(3, 1+len(word)/5)
	best := ""
	folded := strings.ToLower(word)
	for c := range candidates {
		if d := distance(folded, strings.ToLower(c), most); d <= most {
			best, most = c, d-1
		}
		if most < 0 {
			break
		}
	}
	return best
}

// distance returns the optimal string alignment distance of two texts, or a number above the limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row := rows[0], rows[1], rows[2]
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > limit {
			return limit + 1
		}
		rows = [3][]int{last, row, before}
	}
	return rows[1][len(b)]
}

// didYouMean returns the end of a message that suggests a candidate.
func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return "; did you mean " + name + "?"
}
