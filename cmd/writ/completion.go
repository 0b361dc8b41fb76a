package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// completionCmd is `writ completion`.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"The shell: ${enum}."`
}

// Run prints a script that completes verbs, flags and the values of flags, and files
// elsewhere.
func (c *completionCmd) Run(s streams, parser *kong.Kong) error {
	write := map[string]func(io.Writer, []verb) error{"bash": completeBash, "zsh": completeZsh, "fish": completeFish}[c.Shell]
	return write(s.out, verbs(parser.Model.Node, ""))
}

// verb is a verb with what can follow it.
type verb struct {
	path  string // "account create"; "" for the command itself
	help  string
	usage string   // "writ test <file> ... [flags]"
	words []string // the verbs below it
	args  []*kong.Value
	flags []*kong.Flag
}

// verbs lists a node and all below it.
func verbs(n *kong.Node, path string) []verb {
	v := verb{path: path, help: n.Help, usage: strings.TrimPrefix("writ "+n.Summary(), "writ writ "), args: n.Positional}
	for _, group := range n.AllFlags(true) {
		v.flags = append(v.flags, group...)
	}
	var below []verb
	for _, child := range n.Children {
		if child.Type != kong.CommandNode || child.Hidden {
			continue
		}
		v.words = append(v.words, child.Name)
		below = append(below, verbs(child, strings.TrimSpace(path+" "+child.Name))...)
	}
	slices.Sort(v.words)
	return append([]verb{v}, below...)
}

// completeBash writes a function that bash calls at each completion.
func completeBash(w io.Writer, all []verb) error {
	var b strings.Builder
	b.WriteString("_writ() {\n  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= word\n" +
		"  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case \"$verb $word\" in\n")
	for _, v := range all[1:] {
		fmt.Fprintf(&b, "      %q) verb=%q ;;\n", " "+v.path, " "+v.path)
	}
	b.WriteString("    esac\n  done\n  local words=\n  case \"$verb\" in\n")
	for _, v := range all {
		words := slices.Clone(v.words)
		for _, f := range v.flags {
			words = append(words, "--"+f.Name)
		}
		path := ""
		if v.path != "" {
			path = " " + v.path
		}
		fmt.Fprintf(&b, "    %q)\n      words=%q\n      case \"$prev\" in\n", path, strings.Join(words, " "))
		for _, f := range v.flags {
			if f.Enum != "" {
				fmt.Fprintf(&b, "        --%s) words=%q ;;\n", f.Name, strings.ReplaceAll(f.Enum, ",", " "))
			} else if !f.IsBool() {
				fmt.Fprintf(&b, "        --%s) words= ;;\n", f.Name)
			}
		}
		b.WriteString("      esac ;;\n")
	}
	b.WriteString("  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$cur\"))\n}\ncomplete -o filenames -F _writ writ\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// completeZsh loads zsh's way to use completions of bash.
func completeZsh(w io.Writer, all []verb) error {
	if _, err := io.WriteString(w, "#compdef writ\nautoload -U +X bashcompinit && bashcompinit\n"); err != nil {
		return err
	}
	return completeBash(w, all)
}

// completeFish writes a line for each verb and each flag.
func completeFish(w io.Writer, all []verb) error {
	var b strings.Builder
	quote := func(text string) string {
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
	}
	b.WriteString("complete -c writ -f\n")
	for _, v := range all {
		condition := "__fish_use_subcommand"
		if v.path != "" {
			condition = "__fish_seen_subcommand_from " + strings.Fields(v.path)[0]
		}
		for _, word := range v.words {
			i := slices.IndexFunc(all, func(o verb) bool { return o.path == strings.TrimSpace(v.path+" "+word) })
			fmt.Fprintf(&b, "complete -c writ -n %s -a %s -d %s\n", quote(condition), word, quote(all[i].help))
		}
		if v.path == "" {
			continue
		}
		fmt.Fprintf(&b, "complete -c writ -n %s -F\n", quote(condition))
		for _, f := range v.flags {
			value := ""
			if f.Enum != "" {
				value = " -x -a " + quote(strings.ReplaceAll(f.Enum, ",", " "))
			} else if !f.IsBool() {
				value = " -r"
			}
			fmt.Fprintf(&b, "complete -c writ -n %s -l %s -d %s%s\n", quote(condition), f.Name, quote(f.Help), value)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
