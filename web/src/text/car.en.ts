import type { Dictionary } from './zh-CN';
import { plural } from './plural';

const many = (count: number, one: string, other: string): string => `${count} ${plural('en', count, { one, other })}`;

export const carEn: Pick<Dictionary, 'car'> = {
  car: {
    title: 'The car now',
    loading: 'Asking where the car is…',
    unheard: 'This elevator has not sent anything yet.',
    floor: 'Floor {}',
    where: (floor, floors) => `The car is at floor ${floor} of ${floors}`,
    whereUnknown: 'Where the car is, is not known',
    silent: 'No data',
    trapped: 'People are trapped',
    mode: 'Mode',
    motion: 'Motion',
    door: 'Door',
    zone: 'Door zone',
    inside: 'Car',
    code: (code) => `code ${code}`,
    unknownCode: 'Code without a name',
    counters: 'Counters and condition',
    lastDay: (amount) => `+${amount} in 24 h`,
    faults: 'Last faults',
    noFaults: 'No fault in the last 30 days.',
    stands: (length) => `for ${length} now`,
    lasted: (length) => `lasted ${length}`,
    tests: 'Weekly tests',
    allTests: 'All tests',
    noTests: 'No test has been posted yet.',
    failed: (count) => many(count, 'item failed', 'items failed'),
    ticket: (id) => `ticket ${id}`,
    warnings: 'Early warnings',
    atFloor: (name, floor) => `${name}, floor ${floor}`,
    crosses: (limit, day) => `${limit} about ${day}`,
    level: (level) => `now ${level}`,
    band: (earliest, latest) => `between ${earliest} and ${latest}`,
    bandOpen: (earliest) => `not before ${earliest}`,
    state: { open: 'open', confirmed: 'confirmed', acted: 'acted upon', dismissed: 'dismissed' },
    quantity: {
      leveling: 'Leveling', holding: 'Holding accuracy', door_open_time: 'Door opening time', door_close_time: 'Door closing time',
      door_command_to_motion: 'Door command to motion', reopen_time: 'Reopening time', closing_force: 'Closing force',
      vibration_vertical: 'Vertical vibration', vibration_vertical_a95: 'Vertical vibration A95', vibration_horizontal: 'Horizontal vibration', vibration_horizontal_a95: 'Horizontal vibration A95',
      motor_temperature: 'Motor temperature', starts_per_hour: 'Starts in the busiest hour', relevels_per_100_trips: 'Re-levelings per 100 trips',
    },
  },
};
