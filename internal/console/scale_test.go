package console_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/chromedp/chromedp"
)

// scale is the size of the world of TestScale. Its decisions take a while: SCALE=full makes all of them, as in CI.
var scale = struct{ accounts, resources, decisions int }{50, 1000, 10_000}

// fillAccounts creates accounts with parameters of which every second is shared with one of the next accounts. It
// returns the number of shared ones.
func (s *scene) fillAccounts(t *testing.T) (shared int) {
	t.Helper()
	each := scale.resources / scale.accounts
	for a := range scale.accounts {
		account := fmt.Sprintf("2000000000%02d", a)
		client := ssm.NewFromConfig(s.Config(account))
		for p := range each {
			name := fmt.Sprintf("/team%02d/p%02d", a, p)
			if _, err := client.PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: aws.String("v"), Type: types.ParameterTypeString, Tier: types.ParameterTierAdvanced}); err != nil {
				t.Fatal(err)
			}
			if p%2 == 1 {
				continue
			}
			shared++
			resource := "arn:aws:ssm:us-east-1:" + account + ":parameter" + name
			reader := fmt.Sprintf("2000000000%02d", (a+1+p%3)%scale.accounts)
			_, err := client.PutResourcePolicy(t.Context(), &ssm.PutResourcePolicyInput{ResourceArn: &resource, Policy: aws.String(
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + reader + `"},"Action":"ssm:GetParameter","Resource":"` + resource + `"}]}`)})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return shared
}

// fillDecisions makes requests that are denied, and returns their number.
func (s *scene) fillDecisions(t *testing.T) int {
	t.Helper()
	all := scale.decisions / 5
	if os.Getenv("CI") == "true" || os.Getenv("SCALE") == "full" {
		all = scale.decisions
	}
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			client := ssm.NewFromConfig(s.reader)
			for range all / 8 {
				_, _ = client.GetParameter(context.Background(), &ssm.GetParameterInput{Name: aws.String(db)})
			}
		})
	}
	clients.Wait()
	return all
}

// TestScale measures the pages with 10,000 decisions, 1,000 resources and 50 accounts, and prints the figures. The
// limits that fail the test are ten times the aims: the machine may be busy.
func TestScale(t *testing.T) {
	s := newScene(t)
	shared, decisions := s.fillAccounts(t), s.fillDecisions(t)
	load, _ := os.ReadFile("/proc/loadavg") // absent on other systems
	t.Logf("%d resources of %d accounts, %d shared; %d decisions; %d processors, load %.14s", scale.resources, scale.accounts, shared, decisions, runtime.NumCPU(), load)
	check := func(what string, took, aim float64, unit string) {
		t.Helper()
		t.Logf("%-44s %6.0f %s, aim %.0f", what, took, unit, aim)
		if took > 10*aim {
			t.Errorf("%s takes %.0f %s, more than ten times %.0f", what, took, unit, aim)
		}
	}
	tab := newTab(t)
	tab.as(screens[4])
	for _, page := range []string{"decisions", "decisions/" + s.last(t), "map", "policies", "world", "world/shares", "world/state"} {
		tab.run(chromedp.Navigate("about:blank")) // what the page before still does does not count
		tab.open(s.console() + page)
		name := strings.Replace(page, "decisions/"+s.last(t), "a decision", 1)
		check("first paint of "+name, tab.firstPaint(), 200, "ms")
	}

	tab.open(s.console() + "decisions")
	tab.until(`document.querySelector("#decisions").getAttribute("aria-rowcount") > `+strconv.Itoa(decisions), "all decisions")
	type steps struct{ Median, Slowest float64 }
	scrolling := eval[steps](tab, `(async () => {
  const s = document.querySelector("#scroller");
  const took = [];
  for (let i = 0; i < 120; i++) {
    const start = performance.now();
    s.scrollTop = (i * 6271) % (s.scrollHeight - s.clientHeight);
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    took.push((performance.now() - start) / 2);
  }
  took.sort((a, b) => a - b);
  return {Median: took[60], Slowest: took[119]};
})()`)
	check("frame of the list while it jumps, median", scrolling.Median, 17, "ms")
	t.Logf("%-44s %6.0f ms", "frame of the list while it jumps, slowest", scrolling.Slowest)
	if rows := eval[int](tab, `document.querySelectorAll("#rows tr").length`); rows > 120 {
		t.Errorf("%d rows are in the page, want those in view", rows)
	}
	tab.keep("decisions-many")

	tab.open(s.console() + "map")
	tab.until(`document.querySelector("#map").dataset.ready === "yes"`, "the map")
	check("map laid out and drawn", tab.number(`document.querySelector("#map").dataset.took`), 1000, "ms")
	tab.keep("map-scale")

	tab.open(s.console() + "decisions/" + s.last(t))
	var took []float64
	for i := range 20 {
		action := []string{"ssm:GetParameters", "ssm:DeleteParameter", "ssm:PutParameter", "ssm:GetParameter"}[i%4]
		tab.fill(`#whatif-form input[name="action"]`, action)
		tab.has("#whatif-result .sentence", action)
		took = append(took, tab.number(`document.querySelector("#whatif-result").dataset.took`))
	}
	slices.Sort(took)
	check("what-if, from key to decision, median", took[len(took)/2], 50, "ms")
	t.Logf("%-44s %6.0f ms", "what-if, slowest", took[len(took)-1])

	tab.open(s.console() + "policies/edit?name=arn:aws:iam::" + bob + ":user/bob/policy/inline")
	tab.has("#difference", "Both documents allow the same requests.")
	start := time.Now()
	eval[bool](tab, `(() => { const v = document.querySelector("#editor").editor, s = v.state.doc.toString(), i = s.indexOf('"ssm:GetParameter*"'); v.dispatch({changes: {from: i, to: i + 19, insert: '"ssm:*"'}}); return true; })()`)
	tab.has("#difference", "The new document")
	t.Logf("%-44s %6d ms, of which 250 wait for the next key", "who gains and who loses", time.Since(start).Milliseconds())
}

// firstPaint returns the time from the request of the page to its first content, in milliseconds.
func (tab *tab) firstPaint() float64 {
	tab.Helper()
	tab.until(`performance.getEntriesByName("first-contentful-paint").length > 0`, "the first paint")
	return eval[float64](tab, `performance.getEntriesByName("first-contentful-paint")[0].startTime`)
}

// number returns the number in a text.
func (tab *tab) number(expression string) float64 {
	tab.Helper()
	return eval[float64](tab, "Number("+expression+")")
}
