"""One month of one service under one policy, event by event."""

from collections.abc import Sequence
from functools import partial
from random import Random

from bench.queued.account import Case, Outcome
from bench.queued.assumptions import MINUTE
from bench.queued.capacity import Always, Capacity, Fargate, Host
from bench.queued.clock import Clock
from bench.queued.instances import Instances
from bench.queued.messages import Messages, Wakefulness
from bench.queued.months import DAY
from bench.queued.policies import vcpus
from bench.queued.scaling import AutoScaling, Sample
from bench.queued.tasks import State, Task

PATIENCE_S = 2 * DAY
"""After the month, for what is still in the queue."""


class Simulation:
    """From the first request until everything is answered and, where the service sleeps, nothing runs any more."""

    def __init__(self, case: Case) -> None:
        service, policy, assumed, seed = case.service, case.policy, case.assumed, case.seed
        self._requests, self._length = case.requests, case.length
        self._service, self._policy, self._assumed = service, policy, assumed
        self._clock = Clock()
        self._messages = Messages(service.receives)
        self._scaling = AutoScaling(service.scaling)
        host = Host(self._clock, assumed, f"{policy.name} {seed}", self._ready, self._interrupted)
        self._capacity = self._place(host)
        chance = Random(f"queue {seed}")  # noqa: S311 (nothing is secret here)
        self._wakefulness = Wakefulness(assumed, chance)
        self._vcpu = vcpus(policy, service)
        self._desired = 1 if policy.always else service.scaling.least
        self._tasks: list[Task] = []
        self._alive: list[Task] = []
        self._begun: list[tuple[float, Task] | None] = [None] * len(case.requests)
        self._answered: list[float | None] = [None] * len(case.requests)
        self._left = len(case.requests)
        self._wakes = self._interruptions = self._receives = 0
        if not policy.always:
            self._clock.at(chance.uniform(0, MINUTE), self._minute)

    def run(self) -> Outcome:
        """Live through it."""
        self._settle()
        self._expect(0)
        while not self._is_over() and self._clock.step():
            pass  # whatever happens books what follows from it
        moments = [*self._answered, *(task.stopped for task in self._tasks)]
        last = max((moment for moment in moments if moment is not None), default=0.0)
        end = max(self._length, last)
        return Outcome(
            requests=self._requests,
            begun=self._begun,
            answered=self._answered,
            dead=self._messages.dead,
            waiting=[*self._messages.visible, *sorted(self._messages.in_flight)],
            tasks=self._tasks,
            instances_s=self._capacity.billed_s(end),
            wakes=self._wakes,
            interruptions=self._interruptions,
            receives=self._receives,
            given_back=self._messages.given_back,
            end=end,
        )

    def _place(self, host: Host) -> Capacity:
        if self._policy.always:
            return Always(host, bills_itself=self._policy.place == "fargate")
        if self._policy.place == "fargate":
            return Fargate(host, spot=self._policy.spot)
        return Instances(host, self._service.scaling.most)

    def _is_over(self) -> bool:
        now = self._clock.now
        if now < self._length:
            return False
        sleeps = not self._policy.always and self._service.scaling.least == 0
        is_done = self._left == len(self._messages.dead) and not (sleeps and self._alive)
        return (is_done and (self._capacity.is_empty or not sleeps)) or now > self._length + PATIENCE_S

    def _expect(self, number: int) -> None:
        """The next request, if there is one more."""
        if number < len(self._requests):
            moment = self._requests[number].at + self._assumed.delivery_s
            self._clock.at(moment, lambda: self._arrive(number))

    def _arrive(self, number: int) -> None:
        self._messages.send(number)
        self._wakefulness.touch(self._clock.now)
        self._expect(number + 1)
        self._dispatch()

    def _minute(self) -> None:
        """SQS counts; the figure is judged when it is there."""
        now, sample = self._clock.now, self._messages.sample()
        if self._policy.awake or sample.visible or sample.in_flight or any(one.up is not None for one in self._alive):
            self._wakefulness.touch(now)
        shown = sample if self._wakefulness.speaks(now) else None
        self._clock.after(self._assumed.metric_lag_s, partial(self._judge, shown))
        self._clock.after(MINUTE, self._minute)

    def _judge(self, sample: Sample | None) -> None:
        before = self._desired
        self._desired = self._scaling.judge(sample, self._clock.now, before)
        self._wakes += before == 0 < self._desired
        self._settle()

    def _settle(self) -> None:
        """ECS's scheduler: as many tasks as are desired; what has not started yet goes first, then the newest."""
        for _ in range(self._desired - len(self._alive)):
            task = Task(len(self._tasks), self._vcpu, self._service.concurrency)
            self._tasks.append(task)
            self._alive.append(task)
            self._capacity.place(task)
        for _ in range(len(self._alive) - self._desired):
            self._stop(max(self._alive, key=lambda one: (one.state is State.STARTING, one.number)))

    def _ready(self, task: Task) -> None:
        if task.state is State.STARTING:
            task.state, task.up = State.UP, self._clock.now
            self._dispatch()

    def _dispatch(self) -> None:
        """Messages go to whoever has most room: all ask all the time."""
        messages, now = self._messages, self._clock.now
        while messages.visible:
            free = [one for one in self._alive if one.has_room]
            if not free:
                return
            task = min(free, key=lambda one: (len(one.hand), one.number))
            message = messages.take()
            self._receives += 1
            self._begun[message] = (now, task)
            done = task.begin(message, self._requests[message], now, self._assumed)
            self._clock.at(done, partial(self._complete, task, message))

    def _complete(self, task: Task, message: int) -> None:
        if task.hand.pop(message, None) is None:
            return  # the task was taken away before
        self._messages.delete(message)
        self._answered[message] = self._clock.now
        self._left -= 1
        if task.state is State.STOPPING and not task.hand:
            self._end(task)
        else:
            self._dispatch()

    def _interrupted(self, task: Task, notice_s: float) -> None:
        if task.state is State.STOPPED:
            return
        self._interruptions += 1
        if notice_s:
            self._stop(task)
        else:
            lost, task.hand = list(task.hand), {}
            self._clock.after(self._service.visibility_s, lambda: self._give_back(lost))
            self._end(task)
        self._settle()  # a new one is started at once

    def _stop(self, task: Task) -> None:
        """SIGTERM: receive no more, finish what is in hand, and give back what takes too long."""
        if task in self._alive:
            self._alive.remove(task)
        if not task.hand:
            self._end(task)
        elif task.state is State.UP:
            task.state = State.STOPPING
            self._clock.after(min(self._assumed.grace_s, self._assumed.notice_s), lambda: self._give_up(task))

    def _give_up(self, task: Task) -> None:
        late, task.hand = list(task.hand), {}
        if task.state is not State.STOPPED:
            self._end(task)
        self._give_back(late)

    def _give_back(self, messages: Sequence[int]) -> None:
        for message in messages:
            self._begun[message] = None
            self._messages.back(message)
        self._dispatch()

    def _end(self, task: Task) -> None:
        task.state, task.stopped = State.STOPPED, self._clock.now
        if task in self._alive:
            self._alive.remove(task)
        self._capacity.released(task)
