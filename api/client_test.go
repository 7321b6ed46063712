package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
)

// A reply is what the server answered.
type reply struct {
	*http.Response
	body []byte
}

func (r reply) get(t *testing.T, pointer string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(r.body, &v); err != nil {
		t.Fatalf("answer is not JSON: %v\n%s", err, r.body)
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			i := 0
			for _, c := range part {
				i = i*10 + int(c-'0')
			}
			if i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// send makes a request as somebody ("" for nobody), with headers
// from alternating names and values. A body that is no string is sent as JSON.
func (w *town) send(who string, method, path string, body any, headers ...string) reply {
	w.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	case io.Reader:
		r = b
	default:
		text, err := json.Marshal(b)
		if err != nil {
			w.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(w.Context(), method, w.url+path, r)
	if err != nil {
		w.Fatal(err)
	}
	if who != "" {
		req.Header.Set("Authorization", "Bearer "+w.tokens[who])
	}
	if method == http.MethodPost {
		req.Header.Set("Idempotency-Key", uuid.NewString())
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
			continue
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	answer := reply{res, text}
	w.conforms(method, path, answer)
	return answer
}

// post sends a command that must be accepted, on whatever version stands.
func (w *town) post(who string, path string, body any) reply {
	w.Helper()
	r := w.send(who, http.MethodPost, path, body, "If-Match", "*")
	if r.StatusCode != http.StatusOK {
		w.Fatalf("POST %s by %s: %d\n%s", path, who, r.StatusCode, r.body)
	}
	return r
}

// read gets what must be there, once the read models stand at the position of
// an earlier answer.
func (w *town) read(who string, path string, after reply) reply {
	w.Helper()
	r := w.send(who, http.MethodGet, path, nil, "X-Runut-Wait", after.Header.Get("X-Runut-Position"))
	if r.StatusCode != http.StatusOK {
		w.Fatalf("GET %s by %s: %d\n%s", path, who, r.StatusCode, r.body)
	}
	return r
}

func (w *town) refused(r reply, status int, code string) {
	w.Helper()
	if got := r.get(w.T, "/code"); r.StatusCode != status || got != code {
		w.Errorf("got %d %v, want %d %s\n%s", r.StatusCode, got, status, code, r.body)
	}
}

// A journal keeps what was written to it. It is safe for concurrent use.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}
