package console

import "strings"

// diffLine is a line of a comparison of two texts.
type diffLine struct {
	Op   string // "+" only in the new text, "-" only in the old, " " in both
	Text string
}

// maxCompared limits the cost of a comparison, which is the product of the sizes. Longer texts are shown one
// after the other.
const maxCompared = 4_000_000

// diffLines compares two texts by lines, with a longest common subsequence.
func diffLines(before, after []string) []diffLine {
	if len(before)*len(after) > maxCompared {
		return append(marked("-", before), marked("+", after)...)
	}
	// common[i][j] is the length of the longest common subsequence of before[i:] and after[j:].
	common := make([][]int, len(before)+1)
	for i := range common {
		common[i] = make([]int, len(after)+1)
	}
	for i := len(before) - 1; i >= 0; i-- {
		for j := len(after) - 1; j >= 0; j-- {
			if before[i] == after[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var lines []diffLine
	i, j := 0, 0
	for i < len(before) && j < len(after) {
		switch {
		case before[i] == after[j]:
			lines = append(lines, diffLine{" ", before[i]})
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			lines = append(lines, diffLine{"-", before[i]})
			i++
		default:
			lines = append(lines, diffLine{"+", after[j]})
			j++
		}
	}
	return append(append(lines, marked("-", before[i:])...), marked("+", after[j:])...)
}

func marked(op string, texts []string) []diffLine {
	var lines []diffLine
	for _, t := range texts {
		lines = append(lines, diffLine{op, t})
	}
	return lines
}

// linesOf returns the lines of a document, formatted on several lines; none for an absent document.
func linesOf(document string) []string {
	if document == "" {
		return nil
	}
	return strings.Split(strings.TrimRight(indented(document), "\n"), "\n")
}
