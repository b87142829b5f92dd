import { simulate } from './simulate.ts'

/** A process that lives through the histories it is sent, one batch of seeds after the other. */
process.on('message', (seeds: number[]) => {
  void simulate(seeds).then((simulated) => process.send!({ ...simulated, faults: [...simulated.faults] }))
})
