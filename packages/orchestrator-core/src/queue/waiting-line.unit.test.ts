// SPDX-License-Identifier: MIT
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { SeededRandom } from '../testkit/index.ts';
import { WaitingLine, type Standing } from './waiting-line.ts';

interface Person extends Standing {
  readonly number: number;
  waits: boolean;
  parked: boolean;
}

const STEP_COUNT = 6_000;

for (const seed of [1, 2, 3, 4]) {
  verifies(['ORCH-3052', 'ORCH-3019'], `a line of changing length agrees with an array (seed ${seed})`, () => {
    const random = new SeededRandom(seed);
    const line = new WaitingLine<Person>();
    let people: Person[] = [];
    for (let step = 0; step < STEP_COUNT; step++) {
      // Grows beyond several capacities, then empties, so that places are moved together in both directions.
      const growing = step % 3_000 < 1_500;
      const person = people[random.below(people.length)];
      if (person === undefined || random.ratio() < (growing ? 0.6 : 0.2)) {
        const newcomer: Person = { number: step, place: 0, standing: 'ready', waits: true, parked: false };
        line.join(newcomer);
        people.push(newcomer);
      } else if (person.parked && random.ratio() < 0.5) {
        line.unpark(person);
        person.parked = false;
      } else if (person.waits && !person.parked && random.ratio() < 0.2) {
        line.park(person);
        person.parked = true;
      } else if (person.waits && !person.parked && random.ratio() < 0.3) {
        line.stepOut(person);
        person.waits = false;
      } else if (!person.waits && random.ratio() < 0.5) {
        line.stepBack(person);
        person.waits = true;
      } else {
        if (person.waits) line.leave(person);
        else line.giveUp(person);
        people = people.filter((other) => other !== person);
      }
      const waiting = people.filter(({ waits }) => waits);
      const ready = waiting.filter(({ parked }) => !parked);
      expect([line.size, line.readySize]).toEqual([waiting.length, ready.length]);
      expect([line.first(), line.oldest(), line.last()]).toEqual([ready[0], waiting[0], waiting.at(-1)]);
      const asked = people[random.below(people.length)];
      if (asked !== undefined) {
        expect(line.countBefore(asked)).toBe(
          people.slice(0, people.indexOf(asked)).filter(({ waits, parked }) => waits && !parked).length,
        );
      }
    }
  });
}
