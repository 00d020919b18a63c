import './base.css';
import './controls.css';
import './money.css';
import './clusters.css';
import './costs.css';
import './narrow.css';
