import { useLanguage } from '../language';
import type { Equipment } from '../shapes';
import { Link } from './link';
import { SeverityWord } from './severity';

export function EquipmentRow({ equipment }: { readonly equipment: Equipment }) {
  const { text, say } = useLanguage();
  return (
    <li class="equipment-row">
      <SeverityWord severity={equipment.worst_severity} />
      <Link href={`/equipment/${equipment.id}`} class="row-link">
        {say(equipment.name)}
      </Link>
      <span class="minor equipment-code">{equipment.code}</span>
      <span class="minor equipment-counts">
        {[
          equipment.live_alarms > 0 ? text.equipment.liveAlarms(equipment.live_alarms) : '',
          equipment.open_tickets > 0 ? text.equipment.openTickets(equipment.open_tickets) : '',
        ]
          .filter((part) => part !== '')
          .join(' · ')}
      </span>
    </li>
  );
}
