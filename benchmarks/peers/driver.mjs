// Measures one job in a fresh node process: node driver.mjs FOLDER, where FOLDER has the node_modules of the peers.
// One JSON job on standard input: {"work", "size", "repeats", "budget", "positions"}; a line of JSON for each thing measured:
// {"times": [CPU seconds], "peak": bytes, …}, and {"begin": true} before each repetition. CPU is process.cpuUsage(): all threads, the compiler's and the collector's too.
import { createReadStream, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const require = createRequire(join(process.argv[2], "package.json"));
const MOST_RESULTS = 31;
const job = JSON.parse(readFileSync(0, "utf8"));

function spentSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

// As in benchmarks/engine/measuring.py: the peak of resident memory since it was last set back, where the system can do that.
function setPeakBack() {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // The peak since the start of the process then counts.
  }
}

function peakBytes() {
  try {
    return 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  } catch {
    return 1024 * process.resourceUsage().maxRSS;
  }
}

async function measure(prepare, run, divisor = 1) {
  const times = [];
  let peak = 0;
  let total = 0;
  let result;
  while (times.length < job.repeats && (times.length === 0 || total < job.budget)) {
    const input = await prepare();
    setPeakBack();
    const memory = peakBytes();
    print({ begin: true });
    const began = spentSeconds();
    result = await run(input);
    const took = spentSeconds() - began;
    if (times.length === 0) peak = Math.max(0, peakBytes() - memory);
    times.push(took / divisor);
    total += took;
  }
  return { times, peak, result };
}

function print(line) {
  writeFileSync(1, JSON.stringify(line) + "\n");
}

function names() {
  return Array.from({ length: job.size }, (_, index) => `Entrant ${index + 1}`);
}

async function tournamentPairings() {
  return import(pathToFileURL(require.resolve("tournament-pairings")));
}

async function bracketsManager(type) {
  const { BracketsManager } = require("brackets-manager");
  const { InMemoryDatabase } = require("brackets-memory-db");
  const create = async () => {
    const storage = new InMemoryDatabase();
    return { storage, manager: new BracketsManager(storage) };
  };
  const settings = type === "double_elimination" ? { grandFinal: "double" } : {};
  const stage = (seeding) => ({ tournamentId: 0, name: "Benchmark", type, seeding, settings });
  return { create, stage };
}

async function generated(type) {
  const { create, stage } = await bracketsManager(type);
  const seeding = names();
  const { times, peak } = await measure(create, ({ manager }) => manager.create.stage(stage(seeding)));
  print({ times, peak });
}

// The results of the first matches of the first round, one after the other: time for one.
async function updated() {
  const { create, stage } = await bracketsManager("double_elimination");
  const { storage, manager } = await create();
  await manager.create.stage(stage(names()));
  const matches = (await storage.select("match")).slice(0, job.size / 2);
  const group = Math.max(1, Math.min(MOST_RESULTS, Math.floor(matches.length / job.repeats)));
  let next = 0;
  const { times, peak } = await measure(
    () => matches.slice(next, (next += group)),
    async (chosen) => {
      for (const match of chosen) {
        await manager.update.match({ id: match.id, opponent1: { score: 1, result: "win" }, opponent2: { score: 0 } });
      }
    },
    group,
  );
  print({ times, peak });
}

async function planned(format) {
  const peer = await tournamentPairings();
  const players = names();
  const { times, peak } = await measure(
    () => players.slice(),
    (input) => peer[format](input, 1, true),
  );
  print({ times, peak });
}

async function swiss() {
  const { Swiss } = await tournamentPairings();
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(job.positions) })) {
    number += 1;
    const { points, met } = JSON.parse(line);
    const players = points.map((score, id) => ({ id, score: score / 2, avoid: met[id] }));
    const { times, peak, result } = await measure(
      () => players.map((player) => ({ ...player, avoid: player.avoid.slice() })),
      (input) => Swiss(input, number),
    );
    const pairs = result.filter(({ player1, player2 }) => player1 !== null && player2 !== null);
    const gaps = pairs.reduce((sum, { player1, player2 }) => sum + (points[player1] - points[player2]) ** 2, 0);
    const rematches = pairs.filter(({ player1, player2 }) => met[player1].includes(player2)).length;
    print({ times, peak, gaps, rematches, pairs: pairs.length });
  }
}

const WORKS = {
  "brackets-manager single": () => generated("single_elimination"),
  "brackets-manager double": () => generated("double_elimination"),
  "brackets-manager result": updated,
  "tournament-pairings single": () => planned("SingleElimination"),
  "tournament-pairings double": () => planned("DoubleElimination"),
  "tournament-pairings round robin": () => planned("RoundRobin"),
  "tournament-pairings swiss": swiss,
};

await WORKS[job.work]();
