package verify

import (
	"context"
	"iter"
	"runtime"
	"sync"
)

// inOrder has work done on batches on all processors and hands the results on in
// the order of the batches. It reads ahead by a few batches and no more. take
// ends it by an error.
func inOrder[R any](ctx context.Context, batches iter.Seq2[Batch, error], work func(Batch) R, take func(R) error) error {
	type result struct {
		done chan R
		err  error
	}
	ctx, cancel := context.WithCancel(ctx)
	ahead := make(chan result, runtime.GOMAXPROCS(0))
	var working sync.WaitGroup
	working.Go(func() {
		defer close(ahead)
		for b, err := range batches {
			r := result{done: make(chan R, 1), err: err}
			select {
			case ahead <- r:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
			working.Go(func() { r.done <- work(b) })
		}
	})
	defer working.Wait()
	defer cancel()
	for r := range ahead {
		if r.err != nil {
			return r.err
		}
		if err := take(<-r.done); err != nil {
			return err
		}
	}
	return ctx.Err()
}
