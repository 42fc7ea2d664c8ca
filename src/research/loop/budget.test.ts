import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Budget } from './budget.ts';
import { BudgetError } from './budget-error.ts';
import { RunCost } from './run-cost.ts';

/** A budget whose work costs less than it reserves, and is counted like the journal does it. */
function budgetOf(money: number): { budget: Budget; cost: RunCost; work: (reserved: number, real: number) => Promise<void>; most: () => number } {
  const cost = new RunCost();
  const budget = new Budget({ money }, cost);
  budget.openForWriting();
  let [running, most] = [0, 0];
  const work = async (reserved: number, real: number): Promise<void> => {
    await budget.within({ money: reserved }, async () => {
      running += reserved;
      most = Math.max(most, cost.money + running);
      await sleep(5);
      running -= reserved;
    });
    cost.searchMoney += real;
  };
  return { budget, cost, work, most: () => most };
}

test('what fits only if others cost less than they may waits for them, and nothing goes over', async () => {
  const { work, cost, most } = budgetOf(1);
  await Promise.all(Array.from({ length: 6 }, () => work(0.4, 0.05)));
  expect(cost.money).toBeCloseTo(0.3);
  expect(most()).toBeLessThanOrEqual(1);
});

test('what does not fit even alone is refused at once, with what it could have come to', async () => {
  const { work } = budgetOf(0.5);
  await expect(work(0.6, 0)).rejects.toThrow(/over the budget of \$0\.50: it could bring the run to \$0\.60/);
});

test('when others used up what was left, the one that waited is refused', async () => {
  const { work, cost, most } = budgetOf(1);
  const results = await Promise.allSettled(Array.from({ length: 4 }, () => work(0.6, 0.5)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(results.filter((result) => result.status === 'rejected' && result.reason instanceof BudgetError)).toHaveLength(3);
  expect(cost.money).toBe(0.5);
  expect(most()).toBeLessThanOrEqual(1);
});
