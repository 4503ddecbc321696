export { AttemptsRepository } from './attempts.repository.js';
export { AuthModule } from './auth.module.js';
export { AuthService } from './auth.service.js';
export { Passwords } from './passwords.js';
export { SocketAdmission } from './socket-admission.js';
